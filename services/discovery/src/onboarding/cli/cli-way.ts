import { forwardingFiles, templateFiles } from '../cloudformation/cloudformation-way.js';
import { tellOrgtrail, undoIt, watchIt } from '../closing-steps.js';
import { forwardEvents } from '../forwarding.js';
import { explainPlaceholder } from '../management-account.js';
import { writeFilesFirst } from '../opening-lines.js';
import { aboutStackSets } from '../stack-set.js';
import { command, formatSteps } from '../steps.js';
import type { OnboardingValues } from '../values.js';
import type { OnboardingWay } from '../way.js';
import { connectScript, scriptName } from './connect-script.js';
import { membersScript, membersScriptName } from './members-script.js';

/** A script for the management account, and one for the StackSet of its members. */
export function connectByCli(values: OnboardingValues): OnboardingWay {
  const steps = [
    {
      title: 'Make the role, the rule and the queue in the management account, by a script',
      lines: [
        'There are two orders that end the same; choose one, since each leaves alone what the other made. Either the script makes all of it,',
        'as here. Or it makes the role alone (give --without-events each time, and leave out --queue-url in the next step), and',
        '`orgtrail integration enable-events` then makes the rule and the queue and tells Orgtrail.',
        'With credentials of an administrator of the management account; AWS CLI 1 or 2. First what it would do, then do it:',
        ...command(`./${scriptName} --dry-run`),
        ...command(`./${scriptName}`),
        'Run again it brings everything up to date, but for settings of queues and statements of others in their policies, which stay.',
        ...(values.forwardingAccountIds.length === 0
          ? []
          : [
              'It lets the accounts that forward events reach the event bus, and those no longer that the integration no longer names.',
            ]),
        '--undo removes what it made, and nothing else. --without-events leaves out rule, queues and event bus, also of an --undo.',
        'SQS takes the name of a deleted queue again after 60 seconds.',
      ],
    },
    tellOrgtrail(values),
    ...(values.configureMembers ? [connectMembers] : []),
    watchIt(values),
    ...forwardEvents(values),
    undoIt(values, [
      'With credentials of the management account; what the scripts did not make for this integration stays:',
      ...(values.configureMembers ? command(`./${membersScriptName} --undo`) : []),
      ...command(`./${scriptName} --undo`),
    ]),
  ];
  return {
    text: formatSteps([...explainPlaceholder(values), ...writeFilesFirst('cli', values)], steps),
    files: [
      { name: scriptName, content: connectScript(values), executable: true },
      ...(values.configureMembers
        ? [{ name: membersScriptName, content: membersScript(values), executable: true as const }, templateFiles.members()]
        : []),
      ...forwardingFiles(values),
    ],
  };
}

const connectMembers = {
  title: 'Make the role in every member account, by a script with a StackSet',
  lines: [
    ...aboutStackSets,
    'With the same credentials:',
    ...command(`./${membersScriptName} --dry-run`),
    ...command(`./${membersScriptName}`),
    'Run again it brings everything up to date, also after a rotation of the external id. But accounts below an organizational unit that',
    'the integration no longer includes keep their role: --undo, which removes all roles and the StackSet, and another run leave them out.',
    'It leaves alone a StackSet of that name that it did not make.',
  ],
};
