/** The same for every integration. Bash 3.2, as macOS has it; AWS CLI 1 and 2. */
export const membersScriptBody: readonly string[] = `
template=$(cd "$(dirname "$0")" && pwd)/orgtrail-members.yaml
dry_run=false
undo=false
for argument in "$@"; do
  case $argument in
    --dry-run) dry_run=true ;;
    --undo) undo=true ;;
    *)
      echo "usage: $0 [--dry-run] [--undo]" >&2
      exit 2
      ;;
  esac
done

# No pager and no colours, whatever the caller's configuration says.
export AWS_PAGER=''

fail() {
  printf '%s\\n' "$*" >&2
  exit 1
}

ask() {
  aws --region "$region" --output text "$@"
}

print() {
  printf '+ aws'
  printf ' %q' "$@"
  printf '\\n'
}

# A change: printed, and done unless this is a dry run.
change() {
  print "$@"
  if [ "$dry_run" = false ]; then
    ask "$@" >/dev/null
  fi
}

# An operation on many accounts: printed, done unless this is a dry run, and waited for.
operate() {
  print "$@"
  [ "$dry_run" = false ] || return 0
  local operation status before=''
  operation=$(ask "$@" --query OperationId)
  while true; do
    status=$(ask cloudformation describe-stack-set-operation --stack-set-name "$stack_set" --operation-id "$operation" --query StackSetOperation.Status)
    if [ "$status" != "$before" ]; then
      echo "  $status"
      before=$status
    fi
    case $status in
      SUCCEEDED) return 0 ;;
      QUEUED | RUNNING | STOPPING) sleep 5 ;;
      *)
        ask cloudformation list-stack-set-operation-results --stack-set-name "$stack_set" --operation-id "$operation" \\
          --query "Summaries[?Status!='SUCCEEDED'].[Account,Status,StatusReason]" >&2
        fail "The operation $operation on StackSet $stack_set ended as $status, see above. Mend what it names and run this again."
        ;;
    esac
  done
}

account=$(ask sts get-caller-identity --query Account)
if [ -n "$expected_account" ] && [ "$account" != "$expected_account" ]; then
  fail "These are credentials of account $account; the integration is for management account $expected_account."
fi
management=$(ask organizations describe-organization --query Organization.MasterAccountId)
if [ "$account" != "$management" ]; then
  fail "These are credentials of account $account; the management account of its organization is $management."
fi
[ -r "$template" ] || fail "There is no $template: write the files again (orgtrail integration onboard cli --write …)."

if [ \${#organizational_units[@]} -eq 0 ]; then
  organizational_units=("$(ask organizations list-roots --query 'Roots[0].Id')")
fi
preferences="RegionConcurrencyType=PARALLEL,FailureTolerancePercentage=$tolerance,MaxConcurrentPercentage=$tolerance"

stack_set_exists() {
  local answer
  if answer=$(ask cloudformation describe-stack-set --stack-set-name "$stack_set" 2>&1 >/dev/null); then
    return 0
  fi
  # A dry run asks before StackSets have access to the organization.
  if [[ $answer == *StackSetNotFoundException* || $answer == *'enable organizations access'* ]]; then
    return 1
  fi
  fail "$answer"
}

is_up_to_date() {
  local index value
  [ "$(ask cloudformation describe-stack-set --stack-set-name "$stack_set" --query StackSet.TemplateBody)" = "$(cat "$template")" ] || return 1
  for index in "\${!parameter_names[@]}"; do
    value=$(ask cloudformation describe-stack-set --stack-set-name "$stack_set" \\
      --query "StackSet.Parameters[?ParameterKey=='\${parameter_names[$index]}'].ParameterValue")
    [ "$value" = "\${parameter_values[$index]}" ] || return 1
  done
}

# AWS takes at most 50 organizational units in one call.
on_every_unit() {
  local start
  for ((start = 0; start < \${#organizational_units[@]}; start += 50)); do
    operate "$@" --stack-set-name "$stack_set" --regions "$region" --operation-preferences "$preferences" \\
      --deployment-targets "OrganizationalUnitIds=$(IFS=,; echo "\${organizational_units[*]:$start:50}")"
  done
}

if [ "$undo" = true ]; then
  if stack_set_exists; then
    on_every_unit cloudformation delete-stack-instances --no-retain-stacks
    change cloudformation delete-stack-set --stack-set-name "$stack_set"
  fi
  echo 'Undone. Trusted access of StackSets to the organization stays: others may use it.'
  exit 0
fi

change cloudformation activate-organizations-access
if ! stack_set_exists; then
  change cloudformation create-stack-set --stack-set-name "$stack_set" --permission-model SERVICE_MANAGED \\
    --description "Orgtrail's role in every member account" \\
    --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --managed-execution Active=true \\
    --template-body "file://$template" --capabilities CAPABILITY_NAMED_IAM --parameters "$parameters"
elif ! is_up_to_date; then
  operate cloudformation update-stack-set --stack-set-name "$stack_set" --operation-preferences "$preferences" \\
    --template-body "file://$template" --capabilities CAPABILITY_NAMED_IAM --parameters "$parameters"
fi
on_every_unit cloudformation create-stack-instances

if [ "$dry_run" = true ]; then
  echo 'Nothing was changed: this was a dry run.'
  exit 0
fi
echo 'Accounts without the role (suspended ones are skipped):'
ask cloudformation list-stack-instances --stack-set-name "$stack_set" \\
  --query "Summaries[?StackInstanceStatus.DetailedStatus!='SUCCEEDED'].[Account,StackInstanceStatus.DetailedStatus,StatusReason]"`.split(
  '\n',
);
