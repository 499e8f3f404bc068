import { deployStack } from './cloudformation/deploy-stack.js';
import { accountPlaceholder } from './management-account.js';
import type { Statement } from './policies.js';
import type { Step } from './steps.js';
import type { OnboardingValues } from './values.js';

/** Of the management account's event bus: other accounts may forward their events to it. */
export function forwardingStatement<Value>(accounts: Value | Value[], busArn: Value): Statement<Value> {
  return { Effect: 'Allow', Principal: { AWS: accounts }, Action: 'events:PutEvents', Resource: busArn };
}

/** What is done in the accounts that forward: a stack there, by command or by other lines. None where no account forwards. */
export function forwardEvents(values: OnboardingValues, lines = deployThere): Step[] {
  const { forwardingAccountIds } = values;
  if (forwardingAccountIds.length === 0) return [];
  return [
    {
      title: `Forward the events of delegated administrators (${forwardingAccountIds.join(', ')})`,
      lines: ['What a delegated administrator does is recorded in its own account only.', ...lines(values)],
    },
  ];
}

/** Of the stack in an account that forwards. */
export const forwardingStack = (values: OnboardingValues) => ({
  stackName: 'orgtrail-forwarding',
  file: 'orgtrail-forwarding.yaml',
  parameters: { ManagementAccountId: values.managementAccountId ?? accountPlaceholder },
});

function deployThere(values: OnboardingValues): string[] {
  return [
    'With credentials of each of these accounts:',
    ...deployStack({ ...forwardingStack(values), region: values.region, capability: 'CAPABILITY_IAM' }),
  ];
}
