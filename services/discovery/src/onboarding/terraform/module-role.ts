import { eventPathNames, managementRoleActions, type PolicyResource } from '@orgtrail/aws';
import { permissionsPolicy } from '../policies.js';
import { hclString } from '../quoting.js';

const resources: Record<PolicyResource, string> = {
  any: '"*"',
  rule: 'local.rule_arn',
  queue: 'local.queue_arn',
  'undelivered-queue': 'local.undelivered_queue_arn',
};

/** `orgtrail/role.tf`: the role of the management account. */
export function roleFile(): string {
  const statements = permissionsPolicy(managementRoleActions, resources).Statement.map(
    ({ Action, Resource }) => `  statement {
    actions = [
${[Action]
  .flat()
  .map((action) => `      ${hclString(action)},`)
  .join('\n')}
    ]

    resources = [
${[Resource ?? []]
  .flat()
  .map((resource) => `      ${resource},`)
  .join('\n')}
    ]
  }`,
  );
  return `data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_organizations_organization" "current" {}

locals {
  place     = "\${data.aws_region.current.region}:\${data.aws_caller_identity.current.account_id}"
  rule_name = ${hclString(eventPathNames.rule)}
  rule_arn  = "arn:\${data.aws_partition.current.partition}:events:\${local.place}:rule/\${local.rule_name}"

  queue_name             = ${hclString(eventPathNames.queue)}
  undelivered_queue_name = ${hclString(eventPathNames.undeliveredQueue)}
  queue_prefix           = "arn:\${data.aws_partition.current.partition}:sqs:\${local.place}:"
  queue_arn              = var.queue_arn == "" ? "\${local.queue_prefix}\${local.queue_name}" : var.queue_arn
  undelivered_queue_arn  = "\${local.queue_prefix}\${local.undelivered_queue_name}"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.orgtrail_principal_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = compact([var.external_id, var.previous_external_id])
    }
  }
}

data "aws_iam_policy_document" "permissions" {
${statements.join('\n\n')}
}

resource "aws_iam_role" "orgtrail" {
  name               = var.role_name
  path               = var.role_path
  description        = "Orgtrail reads the organization through this role."
  assume_role_policy = data.aws_iam_policy_document.trust.json

  lifecycle {
    precondition {
      condition     = data.aws_caller_identity.current.account_id == data.aws_organizations_organization.current.master_account_id
      error_message = "These are not credentials of the management account."
    }
  }
}

resource "aws_iam_role_policy" "orgtrail" {
  name   = "orgtrail"
  role   = aws_iam_role.orgtrail.id
  policy = data.aws_iam_policy_document.permissions.json
}
`;
}
