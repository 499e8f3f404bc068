/** How the script for the management account finds what there is, and that nothing of it belongs to others. The same for every integration. */
export const scriptExamination: readonly string[] = String.raw`
no_role='\(NoSuchEntity\)'
no_queue='\((AWS\.SimpleQueueService\.NonExistentQueue|QueueDoesNotExist)\)'
no_rule='\(ResourceNotFoundException\)'

look_for_role() {
  lookup "$no_role" iam get-role --role-name "$role_name" --query "[Role.Path, $(owner_in Role.Tags)]" || return 1
  IFS=$'\t' read -r role_path_now role_owner <<<"$found"
}

look_for_queue() {
  lookup "$no_queue" sqs get-queue-url --queue-name "$1" --query QueueUrl || return 1
  queue_url=$found
  lookup "$no_queue" sqs list-queue-tags --queue-url "$queue_url" --query "[Tags.\"$tag\", Tags.\"$integration_tag\"]" || return 1
  queue_owner=$found
}

look_for_rule() {
  lookup "$no_rule" events list-tags-for-resource --resource-arn "$rule_arn" --query "[$(owner_in Tags)]" || return 1
  rule_owner=$found
}

# All of it is examined before the first change: it is ours, or not there.
examine_role() {
  has_role=false
  look_for_role || return 0
  if [ "$role_path_now" != "$role_path" ] && ! belongs_to_another "$role_owner"; then
    fail "There is a role $role_name with path $role_path_now instead of $role_path. AWS cannot move it: delete it, or give the integration that role ARN."
  fi
  [ "$role_owner" = "$ours" ] || refuse "role $role_name" "$role_owner" 'name another role for the integration'
  has_role=true
}

# No policy, or one with a statement of ours alone.
has_no_other_statement() {
  [[ $1 == '' || $1 == None || ($1 == *"\"Sid\":\"$queue_statement_id\""* && $1 != *'"Effect":'*'"Effect":'*) ]]
}

# What is to be done with the queue is then in $queue_work.
examine_queue() {
  local name=$1 statement=$2 policy_now
  queue_work=create
  look_for_queue "$name" || return 0
  [ "$queue_owner" = "$ours" ] || refuse "queue $name" "$queue_owner" 'leave it out: --without-events'
  policy_now=$(ask sqs get-queue-attributes --queue-url "$queue_url" --attribute-names Policy --query Attributes.Policy | tr -d '[:space:]')
  if [[ $policy_now == *"$statement"* ]]; then
    queue_work=nothing
  elif has_no_other_statement "$policy_now"; then
    queue_work=policy
  else
    fail "The policy of queue $name lacks the statement that lets the rule send, and has others, which this script keeps. Add this one to it and run this again: $statement"
  fi
}

examine_rule() {
  has_rule=false
  look_for_rule || return 0
  [ "$rule_owner" = "$ours" ] || refuse "rule $rule_name" "$rule_owner" 'leave it out: --without-events'
  has_rule=true
}`.split('\n');
