import { eventPathNames } from '@orgtrail/aws';
import { membersStackSetName, type OnboardingValues } from '../values.js';

/** What the clicks made, in the order in which it can be deleted. */
export function undoByConsole(values: OnboardingValues, { events, forwards }: { events: boolean; forwards: boolean }): string[] {
  return [
    'In the management account, in this order:',
    ...(values.configureMembers
      ? [
          `- CloudFormation > StackSets > ${membersStackSetName}: Delete stacks from StackSet, of the organizational units that it was deployed to;`,
          '  when that operation has succeeded, Delete StackSet.',
        ]
      : []),
    ...(forwards
      ? [
          `- EventBridge > Event buses > default > Manage permissions: take out the statement ${eventPathNames.forwardingStatement}.`,
        ]
      : []),
    ...(events
      ? [
          `- EventBridge > Rules: delete ${eventPathNames.rule}.`,
          `- SQS: delete ${eventPathNames.queue} and ${eventPathNames.undeliveredQueue}, with what is still in them.`,
        ]
      : []),
    `- IAM > Roles: delete ${values.roleName}.`,
  ];
}
