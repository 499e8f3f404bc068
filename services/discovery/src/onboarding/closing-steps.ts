import { forwardingStack } from './forwarding.js';
import { managementRoleArn, queueUrl } from './management-account.js';
import { shellWord } from './quoting.js';
import { command, type Step } from './steps.js';
import type { OnboardingValues } from './values.js';

/** What is left when role and queue exist, whichever way they came into being. */
export function tellOrgtrail(values: OnboardingValues): Step {
  return {
    title: 'Tell Orgtrail',
    lines: command(
      `orgtrail integration change ${values.integrationId}`,
      `--role-arn ${shellWord(managementRoleArn(values))}`,
      ...(values.otherQueueArn === undefined ? [`--queue-url ${shellWord(queueUrl(values))}`] : []),
    ),
  };
}

/** The opposite of it all, in the order in which nothing is left that another part needs. */
export function undoIt(values: OnboardingValues, lines: readonly string[]): Step {
  const { forwardingAccountIds, region } = values;
  return {
    title: 'To undo it all, whenever you like',
    lines: [
      ...lines,
      ...(forwardingAccountIds.length === 0
        ? []
        : [
            `With credentials of each account that forwards (${forwardingAccountIds.join(', ')}):`,
            ...command(`aws cloudformation delete-stack --region ${region} --stack-name ${forwardingStack(values).stackName}`),
          ]),
      `Then \`orgtrail integration remove ${values.integrationId}\`, or change the integration to what you have instead.`,
    ],
  };
}

export function watchIt(values: OnboardingValues): Step {
  return {
    title: 'See that it works',
    lines: [
      ...command(`orgtrail integration show ${values.integrationId}`),
      ...(values.configureMembers ? command(`orgtrail members list --integration ${values.integrationId}`) : []),
      'A new role is noticed within minutes.',
    ],
  };
}
