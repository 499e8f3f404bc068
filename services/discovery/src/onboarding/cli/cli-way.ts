import { templateFiles } from '../cloudformation/cloudformation-way.js';
import { tellOrgtrail, watchIt } from '../closing-steps.js';
import { explainPlaceholder } from '../management-account.js';
import { connectMembers } from '../stack-set.js';
import { command, formatSteps } from '../steps.js';
import type { OnboardingValues } from '../values.js';
import type { OnboardingWay } from '../way.js';
import { connectScript, scriptName } from './connect-script.js';

/** A script for the management account, and the StackSet for its members. */
export function connectByCli(values: OnboardingValues): OnboardingWay {
  const steps = [
    {
      title: 'Make the role, the rule and the queue in the management account, by a script',
      lines: [
        'With credentials of an administrator of the management account; AWS CLI 1 or 2. First what it would do, then do it:',
        ...command(`./${scriptName} --dry-run`),
        ...command(`./${scriptName}`),
        'Run again it brings everything up to date; --undo removes what it made, and nothing else. --without-events leaves rule and queues out.',
        'SQS takes the name of a deleted queue again after 60 seconds.',
      ],
    },
    tellOrgtrail(values),
    ...(values.configureMembers ? [connectMembers(values)] : []),
    watchIt(values),
  ];
  return {
    text: formatSteps(explainPlaceholder(values), steps),
    files: [
      { name: scriptName, content: connectScript(values), executable: true },
      ...(values.configureMembers ? [templateFiles.members()] : []),
    ],
  };
}
