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
