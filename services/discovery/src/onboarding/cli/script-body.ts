import { scriptExamination } from './script-examination.js';
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
    ...scriptExamination,
    ...connect,
  ];
}

const connect = String.raw`
put_role() {
  if [ "$has_role" = true ]; then
    change iam update-assume-role-policy --role-name "$role_name" --policy-document "$trust_policy"
  else
    change iam create-role --role-name "$role_name" --path "$role_path" \
      --assume-role-policy-document "$trust_policy" \
      --description 'Orgtrail reads the organization through this role.' \
      --tags "Key=$tag,Value=$maker" "Key=$integration_tag,Value=$integration"
  fi
  change iam put-role-policy --role-name "$role_name" --policy-name orgtrail --policy-document "$permissions"
}

# Settings of a queue that exists stay, and so do the statements of others in its policy.
put_queue() {
  local name=$1 work=$2 attributes=$3 policy=$4
  case $work in
    create)
      change sqs create-queue --queue-name "$name" --attributes "$attributes" --tags "$tag=$maker,$integration_tag=$integration"
      ;;
    policy)
      change sqs set-queue-attributes --queue-url "$(ask sqs get-queue-url --queue-name "$name" --query QueueUrl)" --attributes "$policy"
      ;;
  esac
}

put_rule() {
  local description='Sends what happens to accounts and organizational units to the queue that Orgtrail reads.'
  if [ "$has_rule" = true ]; then
    change events put-rule --name "$rule_name" --event-pattern "$event_pattern" --state ENABLED --description "$description"
  else
    change events put-rule --name "$rule_name" --event-pattern "$event_pattern" --state ENABLED --description "$description" \
      --tags "Key=$tag,Value=$maker" "Key=$integration_tag,Value=$integration"
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
      remove "$no_rule" events remove-permission --statement-id "$forwarding_statement$forwarding"
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
  if [ "$rule_owner" != "$ours" ]; then
    keep "Rule $rule_name" "$rule_owner"
    return 0
  fi
  local others
  lookup "$no_rule" events list-targets-by-rule --rule "$rule_name" --query "length(Targets[?Id!='$target_id'])" || return 0
  others=$found
  remove "$no_rule" events remove-targets --rule "$rule_name" --ids "$target_id"
  if [ "$others" = 0 ]; then
    remove "$no_rule" events delete-rule --name "$rule_name"
  else
    echo "Rule $rule_name stays: it has $others other target(s)."
  fi
}

delete_queue() {
  local name=$1
  look_for_queue "$name" || return 0
  if [ "$queue_owner" = "$ours" ]; then
    remove "$no_queue" sqs delete-queue --queue-url "$queue_url"
  else
    keep "Queue $name" "$queue_owner"
  fi
}

delete_role() {
  look_for_role || return 0
  if [ "$role_owner" != "$ours" ]; then
    keep "Role $role_name" "$role_owner"
    return 0
  fi
  if lookup "$no_role" iam get-role-policy --role-name "$role_name" --policy-name orgtrail; then
    remove "$no_role" iam delete-role-policy --role-name "$role_name" --policy-name orgtrail
  fi
  remove "$no_role" iam delete-role --role-name "$role_name"
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

examine_role
if [ "$with_events" = true ]; then
  examine_queue "$undelivered_name" "$undelivered_statement"
  undelivered_work=$queue_work
  examine_queue "$queue_name" "$queue_statement"
  examine_rule
fi

put_role
if [ "$with_events" = true ]; then
  put_queue "$undelivered_name" "$undelivered_work" "$undelivered_attributes" "$undelivered_policy"
  put_queue "$queue_name" "$queue_work" "$queue_attributes" "$queue_policy"
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
