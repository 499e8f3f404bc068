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

# Who made a thing is in its tag: what this script did not make it neither changes nor removes.
refuse() {
  fail "There is a $1 that this script did not make. Change it by what made it, or $2."
}

ask() {
  aws --region "$region" --output text "$@"
}

print() {
  printf '+ aws'
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

# Whether AWS has it; what it answers is then in $found. Any other error than those of the pattern ends the script.
lookup() {
  local missing=$1
  shift
  if found=$(ask "$@" 2>&1); then
    return 0
  fi
  if [[ $found =~ $missing ]]; then
    return 1
  fi
  fail "$found"
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
