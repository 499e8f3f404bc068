import { scriptPreamble } from './script-preamble.js';

// Written apart from the text, where `${` would be taken for ours.
const unitCount = '${#organizational_units[@]}';
const unitsOfOneCall = '${organizational_units[*]:$start:50}';

/** The same for every integration. */
export const membersScriptBody: readonly string[] = [
  ...scriptPreamble(),
  ...String.raw`
template=$(cd "$(dirname "$0")" && pwd)/orgtrail-members.yaml
[ -r "$template" ] || fail "There is no $template: write the files again (orgtrail integration onboard cli --write …)."
preferences="RegionConcurrencyType=PARALLEL,FailureTolerancePercentage=$tolerance,MaxConcurrentPercentage=$tolerance"
# A dry run asks before StackSets have access to the organization.
no_stack_set='\(StackSetNotFoundException\)|enable organizations access'

# An operation on many accounts: printed, done unless this is a dry run, and waited for.
operate() {
  print "$@"
  [ "$dry_run" = false ] || return 0
  local operation status before=''
  if [ "$undo" = true ]; then
    lookup "$no_stack_set" "$@" --query OperationId || return 0
    operation=$found
  else
    operation=$(ask "$@" --query OperationId)
  fi
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
        ask cloudformation list-stack-set-operation-results --stack-set-name "$stack_set" --operation-id "$operation" \
          --query "Summaries[?Status!='SUCCEEDED'].[Account,Status,StatusReason]" >&2
        fail "The operation $operation on StackSet $stack_set ended as $status, see above. Mend what it names and run this again."
        ;;
    esac
  done
}

look_for_stack_set() {
  lookup "$no_stack_set" cloudformation describe-stack-set --stack-set-name "$stack_set" \
    --query "[$(owner_in StackSet.Tags)]" || return 1
  stack_set_owner=$found
}

# What AWS has of the StackSet.
of_stack_set() {
  ask cloudformation describe-stack-set --stack-set-name "$stack_set" --query "StackSet.$1"
}

is_up_to_date() {
  [ "$(of_stack_set TemplateBody)" = "$(cat "$template")" ] || return 1
  [ "$(of_stack_set "Parameters[].join('=', [ParameterKey, ParameterValue]) | sort(@) | join(';', @)")" = "$parameters_in_order" ]
}

# AWS takes at most 50 organizational units in one call.
on_every_unit() {
  local start
  for ((start = 0; start < ${unitCount}; start += 50)); do
    operate "$@" --stack-set-name "$stack_set" --regions "$region" --operation-preferences "$preferences" \
      --deployment-targets "OrganizationalUnitIds=$(IFS=,; echo "${unitsOfOneCall}")"
  done
}

if [ "$undo" = true ]; then
  if look_for_stack_set; then
    if [ "$stack_set_owner" = "$ours" ]; then
      # From all that it reaches, also where the integration names them no longer.
      read -r -a organizational_units <<<"$(of_stack_set "OrganizationalUnitIds || ''")"
      on_every_unit cloudformation delete-stack-instances --no-retain-stacks
      remove "$no_stack_set" cloudformation delete-stack-set --stack-set-name "$stack_set"
    else
      keep "StackSet $stack_set" "$stack_set_owner"
    fi
  fi
  finish 'Undone. Trusted access of StackSets to the organization stays: others may use it.'
fi

has_stack_set=false
if look_for_stack_set; then
  [ "$stack_set_owner" = "$ours" ] ||
    refuse "StackSet $stack_set" "$stack_set_owner" 'delete it there and run this again' 'connect the members by one integration only'
  has_stack_set=true
fi
if [ ${unitCount} -eq 0 ]; then
  organizational_units=("$(ask organizations list-roots --query 'Roots[0].Id')")
fi
change cloudformation activate-organizations-access
if [ "$has_stack_set" = false ]; then
  change cloudformation create-stack-set --stack-set-name "$stack_set" --permission-model SERVICE_MANAGED \
    --description "Orgtrail's role in every member account" --tags "Key=$tag,Value=$maker" "Key=$integration_tag,Value=$integration" \
    --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --managed-execution Active=true \
    --template-body "file://$template" --capabilities CAPABILITY_NAMED_IAM --parameters "$parameters"
elif ! is_up_to_date; then
  operate cloudformation update-stack-set --stack-set-name "$stack_set" --operation-preferences "$preferences" \
    --template-body "file://$template" --capabilities CAPABILITY_NAMED_IAM --parameters "$parameters"
fi
on_every_unit cloudformation create-stack-instances

[ "$dry_run" = false ] || finish
without_role=$(ask cloudformation list-stack-instances --stack-set-name "$stack_set" \
  --query "Summaries[?!contains(['SUCCEEDED', 'SKIPPED_SUSPENDED_ACCOUNT'], StackInstanceStatus.DetailedStatus)].[Account,StackInstanceStatus.DetailedStatus,StatusReason]")
if [ "$without_role" = '' ] || [ "$without_role" = None ]; then
  echo 'Every account of the StackSet has the role, but suspended ones, which are skipped.'
else
  printf '%s\n' 'Accounts without the role (beside suspended ones, which are skipped):' "$without_role"
fi`.split('\n'),
];
