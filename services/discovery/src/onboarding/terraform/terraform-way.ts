import { forwardingFiles, templateFiles } from '../cloudformation/cloudformation-way.js';
import { tellOrgtrail, undoIt, watchIt } from '../closing-steps.js';
import { forwardEvents } from '../forwarding.js';
import { explainPlaceholder } from '../management-account.js';
import { writeFilesFirst } from '../opening-lines.js';
import { hclString } from '../quoting.js';
import { command, formatSteps } from '../steps.js';
import { named, type OnboardingValues } from '../values.js';
import type { OnboardingWay } from '../way.js';
import { eventsFile } from './module-events.js';
import { membersFile } from './module-members.js';
import { roleFile } from './module-role.js';
import { variablesFile } from './module-variables.js';

const versions = `terraform {
  required_version = ">= 1.5.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}
`;

const outputs = `output "role_arn" {
  description = "Role ARN for the integration."
  value       = aws_iam_role.orgtrail.arn
}

output "queue_url" {
  description = "Queue URL for the integration; null when it was left out."
  value       = var.create_event_path ? aws_sqs_queue.events[0].url : null
}
`;

/** A module, and a call of it with the values of the integration. */
export function connectByTerraform(values: OnboardingValues): OnboardingWay {
  const steps = [
    {
      title: 'Apply the module in the management account',
      lines: [
        'main.tf calls the module in ./orgtrail with the values of this integration; both may move into a configuration that you have.',
        'With credentials of an administrator of the management account:',
        ...(values.configureMembers ? command(`aws cloudformation activate-organizations-access --region ${values.region}`) : []),
        ...command('terraform init'),
        ...command('terraform apply'),
        ...(values.configureMembers
          ? [
              'The first command lets StackSets reach the organization, once; the StackSet then makes the role in every member account, also in those that',
              'join later. It never reaches the management account, which has its own role here, and skips suspended accounts.',
            ]
          : []),
      ],
    },
    tellOrgtrail(values),
    watchIt(values),
    ...forwardEvents(values),
    undoIt(values, [
      'Where main.tf is, which removes everything that it made, the roles of the members with it:',
      ...command('terraform destroy'),
    ]),
  ];
  return {
    text: formatSteps([...explainPlaceholder(values), ...writeFilesFirst('terraform', values)], steps),
    files: [
      { name: 'main.tf', content: callFile(values) },
      { name: 'orgtrail/versions.tf', content: versions },
      { name: 'orgtrail/variables.tf', content: variablesFile },
      { name: 'orgtrail/role.tf', content: roleFile() },
      { name: 'orgtrail/events.tf', content: eventsFile },
      { name: 'orgtrail/members.tf', content: membersFile },
      { name: 'orgtrail/outputs.tf', content: outputs },
      { ...templateFiles.members(), name: 'orgtrail/orgtrail-members.yaml' },
      ...forwardingFiles(values),
    ],
  };
}

function callFile(values: OnboardingValues): string {
  const list = (texts: readonly string[]) => `[${texts.map(hclString).join(', ')}]`;
  const given: [string, string][] = [
    ['orgtrail_principal_arn', hclString(values.trustedPrincipal)],
    ['external_id', hclString(values.externalId)],
    ['previous_external_id', hclString(values.previousExternalId ?? '')],
    ['role_name', hclString(values.roleName)],
    ['role_path', hclString(values.rolePath)],
    ['create_event_path', String(values.otherQueueArn === undefined)],
    ['queue_arn', hclString(values.otherQueueArn ?? '')],
    ['forwarding_account_ids', list(values.forwardingAccountIds)],
    ['connect_members', String(values.configureMembers)],
    ['organizational_unit_ids', list(values.organizationalUnitIds)],
  ];
  const width = Math.max(...given.map(([name]) => name.length));
  return `# Integration ${named(values)} of Orgtrail.
${versions}
provider "aws" {
  # Where AWS Organizations lives, and with it its events.
  region = ${hclString(values.region)}${
    values.managementAccountId === undefined
      ? ''
      : `

  # The management account, and no other.
  allowed_account_ids = [${hclString(values.managementAccountId)}]`
  }
}

module "orgtrail" {
  source = "./orgtrail"

${given.map(([name, value]) => `  ${name.padEnd(width)} = ${value}`).join('\n')}
}

output "role_arn" {
  value = module.orgtrail.role_arn
}

output "queue_url" {
  value = module.orgtrail.queue_url
}
`;
}
