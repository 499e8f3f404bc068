import { eventPathNames, eventPattern, managementRoleActions } from '@orgtrail/aws';
import { forwardingFiles, templateFiles } from '../cloudformation/cloudformation-way.js';
import { membersParameters } from '../cloudformation/parameter-values.js';
import { tellOrgtrail, undoIt, watchIt } from '../closing-steps.js';
import { consoleAddress } from '../console-address.js';
import { forwardEvents, forwardingStack, forwardingStatement } from '../forwarding.js';
import { accountPlaceholder, explainPlaceholder, managementArns } from '../management-account.js';
import { permissionsPolicy, queuePolicy, trustPolicy } from '../policies.js';
import { tolerancePercentage } from '../stack-set.js';
import { block, formatSteps, type Step } from '../steps.js';
import { membersStackSetName, type OnboardingValues } from '../values.js';
import type { OnboardingWay } from '../way.js';
import { undoByConsole } from './undo-by-console.js';

/** Clicks, with everything that has to be pasted. */
export function connectByConsole(values: OnboardingValues): OnboardingWay {
  const documents = documentsOf(values);
  const events = values.otherQueueArn === undefined;
  const forwards = values.forwardingAccountIds.length > 0;
  const steps = [
    makeRole(values, documents),
    ...(events ? [makeQueues(values, documents), makeRule(values, documents)] : []),
    ...(forwards ? [openBus(values, documents)] : []),
    tellOrgtrail(values),
    ...(values.configureMembers ? [makeStackSet(values)] : []),
    watchIt(values),
    ...forwardEvents(values, forwardByConsole),
    undoIt(values, undoByConsole(values, { events, forwards })),
  ];
  const { trust, permissions, pattern, queue, undelivered, bus } = documents;
  return {
    text: formatSteps(
      [
        'Signed in to the AWS console as an administrator of the management account. The documents to paste are also in the files.',
        ...explainPlaceholder(values),
      ],
      steps,
    ),
    files: [
      { name: 'trust-policy.json', content: `${trust}\n` },
      { name: 'permissions-policy.json', content: `${permissions}\n` },
      ...(events
        ? [
            { name: 'undelivered-queue-policy.json', content: `${undelivered}\n` },
            { name: 'queue-policy.json', content: `${queue}\n` },
            { name: 'event-pattern.json', content: `${pattern}\n` },
          ]
        : []),
      ...(forwards ? [{ name: 'event-bus-policy.json', content: `${bus}\n` }] : []),
      ...(values.configureMembers ? [templateFiles.members()] : []),
      ...forwardingFiles(values),
    ],
  };
}

interface Documents {
  trust: string;
  permissions: string;
  pattern: string;
  queue: string;
  undelivered: string;
  bus: string;
}

function documentsOf(values: OnboardingValues): Documents {
  const arns = managementArns(values);
  const { externalId, previousExternalId } = values;
  const externalIds = [externalId, ...(previousExternalId === undefined ? [] : [previousExternalId])];
  return {
    trust: pretty(trustPolicy(values.trustedPrincipal, externalIds)),
    permissions: pretty(permissionsPolicy(managementRoleActions, arns)),
    pattern: pretty(eventPattern),
    queue: pretty(queuePolicy({ queueArn: arns.queue, ruleArn: arns.rule })),
    undelivered: pretty(queuePolicy({ queueArn: arns['undelivered-queue'], ruleArn: arns.rule })),
    bus: pretty(busPolicy(values)),
  };
}

function busPolicy({ partition, region, forwardingAccountIds, managementAccountId = accountPlaceholder }: OnboardingValues) {
  const accounts = forwardingAccountIds.map((id) => `arn:${partition}:iam::${id}:root`);
  const busArn = `arn:${partition}:events:${region}:${managementAccountId}:event-bus/default`;
  return {
    Version: '2012-10-17',
    Statement: [{ Sid: eventPathNames.forwardingStatement, ...forwardingStatement(accounts, busArn) }],
  };
}

const pretty = (document: object) => JSON.stringify(document, null, 2);

/** `at(values, 'IAM > Roles', '/iam/home#/roles')`: the page, by address where we know it. */
function at(values: OnboardingValues, menu: string, path: string): string {
  const host = consoleAddress(values);
  return host === undefined ? `Open ${menu}.` : `Open ${menu}: ${host}${path}`;
}

function makeRole(values: OnboardingValues, { trust, permissions }: Documents): Step {
  return {
    title: `Make the role ${values.roleName}`,
    lines: [
      ...(values.rolePath === '/'
        ? []
        : [
            `The console cannot give a role the path ${values.rolePath}, which this integration's role has: make the role by CloudFormation, CLI or Terraform,`,
            'or change the role ARN of the integration to one without a path.',
          ]),
      at(values, 'IAM > Roles > Create role', '/iam/home#/roles/create'),
      '- Trusted entity type: Custom trust policy. Replace the document by',
      ...block(trust),
      '- Next. Add no permissions. Next.',
      `- Role name: ${values.roleName}`,
      '- Create role. Then open the role, Add permissions > Create inline policy > JSON, and paste',
      ...block(permissions),
      '- Next. Policy name: orgtrail. Create policy.',
    ],
  };
}

function makeQueues(values: OnboardingValues, { queue, undelivered }: Documents): Step {
  const page = `/sqs/v3/home?region=${values.region}#/create-queue`;
  const settings = (name: string, policy: string) => [
    `- Type: Standard. Name: ${name}`,
    '- Message retention period: 14 days. Encryption: enabled, with the SQS key (SSE-SQS)',
    '- Access policy: Advanced. Replace the document by',
    ...block(policy),
    '- Create queue.',
  ];
  return {
    title: `Make the two queues, in ${values.region}`,
    lines: [
      at(values, 'SQS > Create queue', page),
      ...settings(eventPathNames.undeliveredQueue, undelivered),
      'Then the second one in the same way:',
      ...settings(eventPathNames.queue, queue),
    ],
  };
}

function makeRule(values: OnboardingValues, { pattern }: Documents): Step {
  return {
    title: `Make the rule that fills the queue, in ${values.region}`,
    lines: [
      at(values, 'EventBridge > Rules > Create rule', `/events/home?region=${values.region}#/rules/create`),
      `- Name: ${eventPathNames.rule}. Event bus: default. Rule with an event pattern, enabled.`,
      '- Event source: Other. Creation method: Custom pattern (JSON editor). Paste',
      ...block(pattern),
      `- Target: AWS service, SQS queue, ${eventPathNames.queue}. No execution role: the queue's policy admits the rule.`,
      `- Additional settings > Dead-letter queue: select ${eventPathNames.undeliveredQueue} of this account.`,
      '- Create rule.',
    ],
  };
}

function openBus(values: OnboardingValues, { bus }: Documents): Step {
  return {
    title: `Let the accounts of delegated administrators forward their events, in ${values.region}`,
    lines: [
      at(values, 'EventBridge > Event buses > default', `/events/home?region=${values.region}#/eventbus/default`),
      '- Permissions > Manage permissions. Where there is no document yet, paste this one; otherwise add its statement to what is there.',
      ...block(bus),
      '- Update. After the accounts of the integration change, do the same again.',
    ],
  };
}

function forwardByConsole(values: OnboardingValues): string[] {
  const { stackName, file, parameters } = forwardingStack(values);
  return [
    'Signed in to each of these accounts:',
    at(values, 'CloudFormation > Create stack', `/cloudformation/home?region=${values.region}#/stacks/create`),
    `- Upload a template file: ${file}. Next.`,
    `- Stack name: ${stackName}. ManagementAccountId: ${parameters.ManagementAccountId}. Next.`,
    '- Acknowledge that IAM resources are created. Next. Submit.',
  ];
}

function makeStackSet(values: OnboardingValues): Step {
  const parameters = Object.entries(membersParameters(values));
  return {
    title: 'Make the role in every member account, by a StackSet',
    lines: [
      at(values, 'CloudFormation > StackSets', `/cloudformation/home?region=${values.region}#/stacksets`),
      '- Where the page offers to activate trusted access with AWS Organizations: activate it (once).',
      ...(values.partition === 'aws-cn'
        ? [
            '  AWS has said of its China Regions that this is not offered there; then make a stack of the template in each member account.',
          ]
        : []),
      '- Create StackSet. Permissions: Service-managed. Upload a template file: orgtrail-members.yaml. Next.',
      `- StackSet name: ${membersStackSetName}. Parameters:`,
      ...block(parameters.map(([name, value]) => `${name}: ${value === '' ? '(empty)' : value}`).join('\n')),
      '- Managed execution: Active. Acknowledge that IAM resources with custom names are created. Next.',
      values.organizationalUnitIds.length === 0
        ? '- Deploy new stacks, to the organization. Automatic deployment: activated. Delete stacks on account removal.'
        : `- Deploy new stacks, to the organizational units ${values.organizationalUnitIds.join(', ')}. Automatic deployment: activated. Delete stacks on account removal.`,
      `- Region: ${values.region}, one is enough. Maximum concurrent accounts: ${tolerancePercentage} percent. Failure tolerance: ${tolerancePercentage} percent. Region concurrency: Parallel.`,
      '- Next. Submit. The tab Operations shows how far it is, and Stack instances each account.',
      'A StackSet never reaches the management account itself, which has the role of the first step. Suspended accounts are skipped.',
    ],
  };
}
