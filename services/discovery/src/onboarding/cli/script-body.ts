/** The same for every integration. `documents` are assignments that use `$account`. Bash 3.2, as macOS has it; AWS CLI 1 and 2. */
/** Also where there is none: to an old bash an empty list is unset. */
const everyForwarding = '${forwarding_accounts[@]+"${forwarding_accounts[@]}"}';

export function scriptBody(documents: readonly string[]): string[] {
  return String.raw`
dry_run=false
undo=false
for argument in "$@"; do
  case $argument in
    --dry-run) dry_run=true ;;
    --undo) undo=true ;;
    --without-events) with_events=false ;;
    *)
      echo "usage: $0 [--dry-run] [--undo] [--without-events]" >&2
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

ask() {
  aws --region "$region" --output text "$@"
}

# A change: printed, and done unless this is a dry run.
change() {
  printf '+ aws'
  printf ' %q' "$@"
  printf '\n'
  if [ "$dry_run" = false ]; then
    ask "$@" >/dev/null
  fi
}

# Whether AWS has it; what it answers is then in $found. Any other error than the named ones ends the script.
lookup() {
  local missing=$1
  shift
  if found=$(ask "$@" 2>&1); then
    return 0
  fi
  if [[ $found =~ \(($missing)\) ]]; then
    return 1
  fi
  fail "$found"
}

nothing='Nothing was changed: this was a dry run.'
no_role='NoSuchEntity'
no_queue='AWS\.SimpleQueueService\.NonExistentQueue|QueueDoesNotExist'
no_rule='ResourceNotFoundException'

account=$(ask sts get-caller-identity --query Account)
if [ -n "$expected_account" ] && [ "$account" != "$expected_account" ]; then
  fail "These are credentials of account $account; the integration is for management account $expected_account."
fi
management=$(ask organizations describe-organization --query Organization.MasterAccountId)
if [ "$account" != "$management" ]; then
  fail "These are credentials of account $account; the management account of its organization is $management."
fi

${documents.join('\n')}

# Who made it is in a tag: what this script did not make it neither changes nor removes.
look_for_role() {
  lookup "$no_role" iam get-role --role-name "$role_name" --query "[Role.Path, Role.Tags[?Key=='$tag'].Value | [0]]" || return 1
  IFS=$'\t' read -r role_path_now role_maker <<<"$found"
}

look_for_queue() {
  lookup "$no_queue" sqs get-queue-url --queue-name "$1" --query QueueUrl || return 1
  queue_url=$found
  queue_maker=$(ask sqs list-queue-tags --queue-url "$queue_url" --query "Tags.\"$tag\"")
}

look_for_rule() {
  lookup "$no_rule" events list-tags-for-resource --resource-arn "$rule_arn" --query "Tags[?Key=='$tag'].Value | [0]" || return 1
  rule_maker=$found
}

refuse() {
  fail "There is a $1 that this script did not make. Change it by what made it, or $2."
}

put_role() {
  if look_for_role; then
    if [ "$role_path_now" != "$role_path" ]; then
      fail "There is a role $role_name with path $role_path_now instead of $role_path. AWS cannot move it: delete it, or give the integration that role ARN."
    fi
    [ "$role_maker" = "$maker" ] || refuse "role $role_name" 'name another role for the integration'
    change iam update-assume-role-policy --role-name "$role_name" --policy-document "$trust_policy"
  else
    change iam create-role --role-name "$role_name" --path "$role_path" \
      --assume-role-policy-document "$trust_policy" \
      --description 'Orgtrail reads the organization through this role.' \
      --tags "Key=$tag,Value=$maker"
  fi
  change iam put-role-policy --role-name "$role_name" --policy-name orgtrail --policy-document "$permissions"
}

put_queue() {
  local name=$1 attributes=$2
  if look_for_queue "$name"; then
    [ "$queue_maker" = "$maker" ] || refuse "queue $name" 'leave it out: --without-events'
    change sqs set-queue-attributes --queue-url "$queue_url" --attributes "$attributes"
  else
    change sqs create-queue --queue-name "$name" --attributes "$attributes" --tags "$tag=$maker"
  fi
}

put_rule() {
  local description='Sends what happens to accounts and organizational units to the queue that Orgtrail reads.'
  if look_for_rule; then
    [ "$rule_maker" = "$maker" ] || refuse "rule $rule_name" 'leave it out: --without-events'
    change events put-rule --name "$rule_name" --event-pattern "$event_pattern" --state ENABLED --description "$description"
  else
    change events put-rule --name "$rule_name" --event-pattern "$event_pattern" --state ENABLED --description "$description" \
      --tags "Key=$tag,Value=$maker"
  fi
  change events put-targets --rule "$rule_name" --targets "$targets"
  # AWS answers a target that it did not take with success.
  if [ "$dry_run" = false ]; then
    local taken
    taken=$(ask events list-targets-by-rule --rule "$rule_name" --query "length(Targets[?Id=='$target_id'])")
    [ "$taken" = 1 ] || fail "EventBridge did not take the target of rule $rule_name."
  fi
}

admit_forwarding() {
  local forwarding
  for forwarding in ${everyForwarding}; do
    change events put-permission --action events:PutEvents --principal "$forwarding" --statement-id "$forwarding_statement$forwarding"
  done
}

refuse_forwarding() {
  local forwarding
  for forwarding in ${everyForwarding}; do
    if [[ $(ask events describe-event-bus --name default --query Policy) == *"\"$forwarding_statement$forwarding\""* ]]; then
      change events remove-permission --statement-id "$forwarding_statement$forwarding"
    fi
  done
}

delete_rule() {
  look_for_rule || return 0
  if [ "$rule_maker" != "$maker" ]; then
    echo "Rule $rule_name stays: this script did not make it."
    return 0
  fi
  local others
  others=$(ask events list-targets-by-rule --rule "$rule_name" --query "length(Targets[?Id!='$target_id'])")
  change events remove-targets --rule "$rule_name" --ids "$target_id"
  if [ "$others" = 0 ]; then
    change events delete-rule --name "$rule_name"
  else
    echo "Rule $rule_name stays: it has $others other target(s)."
  fi
}

delete_queue() {
  local name=$1
  look_for_queue "$name" || return 0
  if [ "$queue_maker" = "$maker" ]; then
    change sqs delete-queue --queue-url "$queue_url"
  else
    echo "Queue $name stays: this script did not make it."
  fi
}

delete_role() {
  look_for_role || return 0
  if [ "$role_maker" != "$maker" ]; then
    echo "Role $role_name stays: this script did not make it."
    return 0
  fi
  if lookup "$no_role" iam get-role-policy --role-name "$role_name" --policy-name orgtrail; then
    change iam delete-role-policy --role-name "$role_name" --policy-name orgtrail
  fi
  change iam delete-role --role-name "$role_name"
}

if [ "$undo" = true ]; then
  if [ "$with_events" = true ]; then
    delete_rule
    delete_queue "$queue_name"
    delete_queue "$undelivered_name"
    refuse_forwarding
  fi
  delete_role
  if [ "$dry_run" = true ]; then
    echo "$nothing"
  else
    echo 'Undone.'
  fi
  exit 0
fi

put_role
if [ "$with_events" = true ]; then
  put_queue "$undelivered_name" "$undelivered_attributes"
  put_queue "$queue_name" "$queue_attributes"
  put_rule
  admit_forwarding
fi

if [ "$dry_run" = true ]; then
  echo "$nothing"
  exit 0
fi
echo "Role ARN:  $(ask iam get-role --role-name "$role_name" --query Role.Arn)"
if [ "$with_events" = true ]; then
  echo "Queue URL: $(ask sqs get-queue-url --queue-name "$queue_name" --query QueueUrl)"
fi`.split('\n');
}
