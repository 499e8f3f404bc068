import { eventPathNames, eventPattern } from '@orgtrail/aws';
import { hclString } from '../quoting.js';

const lists = (values: readonly string[]) => `[${values.map(hclString).join(', ')}]`;

/** `orgtrail/events.tf`: the way that events take. */
export const eventsFile = `resource "aws_sqs_queue" "events" {
  count = var.create_event_path ? 1 : 0

  name                      = local.queue_name
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "undelivered" {
  count = var.create_event_path ? 1 : 0

  name                      = local.undelivered_queue_name
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "send" {
  for_each = toset([local.queue_name, local.undelivered_queue_name])

  statement {
    sid       = ${hclString(eventPathNames.policyStatement)}
    actions   = ["sqs:SendMessage"]
    resources = ["\${local.queue_prefix}\${each.value}"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.rule_arn]
    }
  }
}

resource "aws_sqs_queue_policy" "events" {
  count = var.create_event_path ? 1 : 0

  queue_url = aws_sqs_queue.events[0].url
  policy    = data.aws_iam_policy_document.send[local.queue_name].json
}

resource "aws_sqs_queue_policy" "undelivered" {
  count = var.create_event_path ? 1 : 0

  queue_url = aws_sqs_queue.undelivered[0].url
  policy    = data.aws_iam_policy_document.send[local.undelivered_queue_name].json
}

resource "aws_cloudwatch_event_rule" "organization" {
  count = var.create_event_path ? 1 : 0

  name        = local.rule_name
  description = "Sends what happens to accounts and organizational units to the queue that Orgtrail reads."
  state       = "ENABLED"

  event_pattern = jsonencode({
    source = ${lists(eventPattern.source)}
    detail = {
      eventSource = ${lists(eventPattern.detail.eventSource)}
      errorCode   = [{ exists = false }]
    }
  })

  lifecycle {
    precondition {
      condition     = contains(["us-east-1", "us-gov-west-1", "cn-northwest-1"], data.aws_region.current.region)
      error_message = "Events of AWS Organizations come in us-east-1, us-gov-west-1 or cn-northwest-1 only: give the module a provider for that Region."
    }
  }
}

resource "aws_cloudwatch_event_target" "queue" {
  count = var.create_event_path ? 1 : 0

  rule      = aws_cloudwatch_event_rule.organization[0].name
  target_id = ${hclString(eventPathNames.target)}
  arn       = aws_sqs_queue.events[0].arn

  dead_letter_config {
    arn = aws_sqs_queue.undelivered[0].arn
  }

  depends_on = [aws_sqs_queue_policy.events, aws_sqs_queue_policy.undelivered]
}

resource "aws_cloudwatch_event_permission" "forwarding" {
  for_each = toset(var.forwarding_account_ids)

  principal    = each.value
  statement_id = "${eventPathNames.forwardingStatement}\${each.value}"
}
`;
