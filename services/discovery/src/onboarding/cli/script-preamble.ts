/** An option that one script alone has, and the assignments that it means. */
interface Option {
  name: string;
  means: string;
}

/**
 * What both scripts begin with below their assignments: the options, how AWS is asked and told, and that the credentials are those of the
 * right account. Bash 3.2, as macOS has it; AWS CLI 1 and 2.
 */
export function scriptPreamble(options: readonly Option[] = []): string[] {
  // Written apart from the text, where `${` would be taken for ours.
  const advice = '${4:-$3}';
  const names = ['--dry-run', '--undo', ...options.map(({ name }) => name)];
  return String.raw`
dry_run=false
undo=false
for argument in "$@"; do
  case $argument in
    --dry-run) dry_run=true ;;
    --undo) undo=true ;;${options.map(({ name, means }) => `\n    ${name}) ${means} ;;`).join('')}
    *)
      echo "usage: $0 ${names.map((name) => `[${name}]`).join(' ')}" >&2
      exit 2
      ;;
  esac
done

# No pager and no colours, whatever the caller's configuration says.
export AWS_PAGER=''

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

command -v aws >/dev/null || fail 'The AWS CLI is needed, version 1 or 2, and there is no "aws" on the PATH. Install it and run this again.'

# Who made a thing, and for which integration, is in its two tags: what is not ours is neither changed nor removed.
ours=$maker$'\t'$integration

# The query for both in a list of tags.
owner_in() {
  echo "$1[?Key=='$tag'].Value | [0], $1[?Key=='$integration_tag'].Value | [0]"
}

belongs_to_another() {
  other_integration=$(cut -f 2 <<<"$1")
  [[ $other_integration != '' && $other_integration != None && $other_integration != "$integration" ]]
}

# refuse THING OWNER ADVICE [ADVICE where another integration has it]
refuse() {
  if belongs_to_another "$2"; then
    fail "The $1 belongs to integration $other_integration of Orgtrail; this script is for $integration. Use that integration, or undo it there first, or ${advice}."
  fi
  fail "There is a $1 that this script did not make. Change it by what made it, or $3."
}

keep() {
  if belongs_to_another "$2"; then
    echo "$1 stays: it belongs to integration $other_integration of Orgtrail."
  else
    echo "$1 stays: this script did not make it."
  fi
}

ask() {
  aws --region "$region" --output text "$@"
}

print() {
  printf '+ aws --region %q' "$region"
  printf ' %q' "$@"
  printf '\n'
}

# A change: printed, and done unless this is a dry run.
change() {
  print "$@"
  if [ "$dry_run" = false ]; then
    ask "$@" >/dev/null
  fi
}

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

# Whether AWS has it; what it answers is then in $found. Any other error than those of the pattern ends the script.
lookup() {
  local missing=$1
  shift
  # Apart from the answer: the AWS CLI may warn of something and succeed.
  if found=$(ask "$@" 2>"$errors"); then
    cat "$errors" >&2
    return 0
  fi
  if [[ $(cat "$errors") =~ $missing ]]; then
    return 1
  fi
  fail "$(cat "$errors")"
}

# A removal, printed and done like a change; what somebody else removed in the meantime is gone, too.
remove() {
  local missing=$1
  shift
  print "$@"
  [ "$dry_run" = true ] || lookup "$missing" "$@" || true
}

# Ends the script with what was done, unless nothing was.
finish() {
  if [ "$dry_run" = true ]; then
    echo 'Nothing was changed: this was a dry run.'
  else
    printf '%s\n' "$@"
  fi
  exit 0
}

account=$(ask sts get-caller-identity --query Account)
if [ -n "$expected_account" ] && [ "$account" != "$expected_account" ]; then
  fail "These are credentials of account $account; the integration is for management account $expected_account."
fi
management=$(ask organizations describe-organization --query Organization.MasterAccountId)
if [ "$account" != "$management" ]; then
  fail "These are credentials of account $account; the management account of its organization is $management."
fi`.split('\n');
}
