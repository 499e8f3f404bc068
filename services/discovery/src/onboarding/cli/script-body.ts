import { scriptPreamble } from './script-preamble.js';

/** Also where there is none: to an old bash an empty list is unset. */
const everyForwarding = '${forwarding_accounts[@]+"${forwarding_accounts[@]}"}';

/** The same for every integration. `documents` are assignments that use `$account`. */
export function scriptBody(documents: readonly string[]): string[] {
  return [
    // Who leaves the events to others leaves them their event bus, too.
    ...scriptPreamble([{ name: '--without-events', means: 'with_events=false with_forwarding=false' }]),
    '',
    ...documents,
    ...connect,
  ];
}

const connect = String.raw`
no_role='\(NoSuchEntity\)'
no_queue='\((AWS\.SimpleQueueService\.NonExistentQueue|QueueDoesNotExist)\)'
no_rule='\(ResourceNotFoundException\)'

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

# Settings of a queue that exists stay, and so do the statements of others in its policy.
put_queue() {
  local name=$1 attributes=$2 policy=$3 statement=$4 policy_now
  if ! look_for_queue "$name"; then
    change sqs create-queue --queue-name "$name" --attributes "$attributes" --tags "$tag=$maker"
    return 0
  fi
  [ "$queue_maker" = "$maker" ] || refuse "queue $name" 'leave it out: --without-events'
  policy_now=$(ask sqs get-queue-attributes --queue-url "$queue_url" --attribute-names Policy --query Attributes.Policy | tr -d '[:space:]')
  if [[ $policy_now == *"$statement"* ]]; then
    return 0
  fi
  if has_no_other_statement "$policy_now"; then
    change sqs set-queue-attributes --queue-url "$queue_url" --attributes "$policy"
  else
    fail "The policy of queue $name lacks the statement that lets the rule send, and has others, which this script keeps. Add this one to it and run this again: $statement"
  fi
}

# No policy, or one with a statement of ours alone.
has_no_other_statement() {
  [[ $1 == '' || $1 == None || ($1 == *"\"Sid\":\"$queue_statement_id\""* && $1 != *'"Effect":'*'"Effect":'*) ]]
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

# Lets these accounts forward their events, and those no longer that it let before. Others may be let in by statements of others.
let_forward() {
  local wanted=" $* " policy forwarding
  policy=$(ask events describe-event-bus --name default --query Policy)
  for forwarding in $(grep -o "\"$forwarding_statement[0-9]\{12\}\"" <<<"$policy" | grep -o '[0-9]\{12\}'); do
    if [[ $wanted != *" $forwarding "* ]]; then
      change events remove-permission --statement-id "$forwarding_statement$forwarding"
    fi
  done
  for forwarding in "$@"; do
    if [[ $policy != *"\"$forwarding_statement$forwarding\""* ]]; then
      change events put-permission --action events:PutEvents --principal "$forwarding" --statement-id "$forwarding_statement$forwarding"
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
  fi
  if [ "$with_forwarding" = true ]; then
    let_forward
  fi
  delete_role
  finish 'Undone.'
fi

put_role
if [ "$with_events" = true ]; then
  put_queue "$undelivered_name" "$undelivered_attributes" "$undelivered_policy" "$undelivered_statement"
  put_queue "$queue_name" "$queue_attributes" "$queue_policy" "$queue_statement"
  put_rule
fi
if [ "$with_forwarding" = true ]; then
  let_forward ${everyForwarding}
fi

[ "$dry_run" = false ] || finish
echo "Role ARN:  $(ask iam get-role --role-name "$role_name" --query Role.Arn)"
if [ "$with_events" = true ]; then
  echo "Queue URL: $(ask sqs get-queue-url --queue-name "$queue_name" --query QueueUrl)"
fi`.split('\n');
