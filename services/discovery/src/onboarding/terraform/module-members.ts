import { tolerancePercentage } from '../stack-set.js';
import { membersStackSetName } from '../values.js';

const preferences = `  operation_preferences {
    failure_tolerance_percentage = ${tolerancePercentage}
    max_concurrent_percentage    = ${tolerancePercentage}
    region_concurrency_type      = "PARALLEL"
  }`;

/** `orgtrail/members.tf`: the role of every member account. */
export const membersFile = `# A StackSet with service-managed permissions never reaches the management account, and skips suspended accounts. It needs trusted
# access, once for the organization: aws cloudformation activate-organizations-access
resource "aws_cloudformation_stack_set" "members" {
  count = var.connect_members ? 1 : 0

  name             = "${membersStackSetName}"
  description      = "The role with which Orgtrail verifies that member accounts are connected."
  permission_model = "SERVICE_MANAGED"
  template_body    = file("\${path.module}/orgtrail-members.yaml")
  capabilities     = ["CAPABILITY_NAMED_IAM"]

  parameters = {
    OrgtrailPrincipalArn = var.orgtrail_principal_arn
    ExternalId           = var.external_id
    PreviousExternalId   = var.previous_external_id
    RoleName             = var.role_name
    RolePath             = var.role_path
  }

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  managed_execution {
    active = true
  }

${preferences}

  lifecycle {
    # Of StackSets with self-managed permissions only; AWS fills it in by itself.
    ignore_changes = [administration_role_arn]
  }
}

resource "aws_cloudformation_stack_instances" "members" {
  count = var.connect_members ? 1 : 0

  stack_set_name = aws_cloudformation_stack_set.members[0].name
  regions        = [data.aws_region.current.region]

  deployment_targets {
    organizational_unit_ids = (
      length(var.organizational_unit_ids) > 0
      ? var.organizational_unit_ids
      : [data.aws_organizations_organization.current.roots[0].id]
    )
  }

${preferences}
}
`;
