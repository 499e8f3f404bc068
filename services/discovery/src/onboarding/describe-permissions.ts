import {
  eventPathOperatorActions,
  managementRoleActions,
  memberRoleActions,
  type DeclaredAction,
  type PolicyResource,
} from '@orgtrail/aws';

const places: Record<PolicyResource, string> = {
  any: 'any resource',
  rule: 'our rule',
  queue: 'the queue of events',
  'undelivered-queue': 'the queue of undelivered events',
};

/** docs/permissions.md, from the actions that readers and writers declare beside their calls. */
export function describePermissions(): string {
  return `# Permissions

Every policy that Orgtrail hands out (templates, script, Terraform module, \`orgtrail integration trust-policy\`) is made of these actions, and of nothing else: each is declared beside the code that
calls it. \`npm test\` compares them with the calls that a simulated AWS saw while all tests ran, and fails on an action that is allowed and never called, or called and not allowed.
That the doctor tries a permission does not count as a call. \`organizations:ListChildren\` is called by \`orgtrail verify\` alone.

## The role in the management account

${table(managementRoleActions)}

## The role in each member account

${table(memberRoleActions)}

## Orgtrail's own identity

\`sts:AssumeRole\` on the roles of that name (and path), in any account. GetCallerIdentity needs no permission.

## Whoever runs \`orgtrail integration enable-events\`

${table(eventPathOperatorActions)}

Whoever runs the scripts or deploys the stacks needs the permissions of an administrator of IAM, SQS, EventBridge and CloudFormation in the management account.
`;
}

function table(actions: readonly DeclaredAction[]): string {
  const rows = actions.map(({ action, resources }) => `| \`${action}\` | ${resources.map((one) => places[one]).join(', ')} |`);
  return ['| action | on |', '|---|---|', ...rows].join('\n');
}
