import { eventPathNames } from '@orgtrail/aws';
import { membersParameters } from '../cloudformation/parameter-values.js';
import { shellWord } from '../quoting.js';
import { tolerancePercentage } from '../stack-set.js';
import { membersStackSetName, type OnboardingValues } from '../values.js';
import { membersScriptBody } from './members-script-body.js';

export const membersScriptName = 'connect-members.sh';

/** The role in every member account: the StackSet of the template beside the script. As in the other script, no value stands below the assignments. */
export function membersScript(values: OnboardingValues): string {
  const parameters = Object.entries(membersParameters(values));
  const assignments: [string, string][] = [
    ['expected_account', shellWord(values.managementAccountId ?? '')],
    ['region', shellWord(values.region)],
    ['tag', shellWord(eventPathNames.tag.key)],
    ['integration_tag', shellWord(eventPathNames.integrationTag)],
    ['maker', shellWord(membersScriptName)],
    ['integration', shellWord(values.integrationId)],
    ['stack_set', shellWord(membersStackSetName)],
    ['tolerance', shellWord(String(tolerancePercentage))],
    ['organizational_units', `(${values.organizationalUnitIds.map(shellWord).join(' ')})`],
    // As one word, to compare: AWS tells them in no order.
    [
      'parameters_in_order',
      shellWord(
        parameters
          .map(([name, value]) => `${name}=${value}`)
          .toSorted()
          .join(';'),
      ),
    ],
    [
      'parameters',
      shellWord(JSON.stringify(parameters.map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })))),
    ],
  ];
  return [
    '#!/usr/bin/env bash',
    `# Makes Orgtrail's role in every member account: integration ${values.integrationId}.`,
    '# A StackSet of the management account; run it again at will. It never reaches the management account itself.',
    '',
    'set -euo pipefail',
    '',
    ...assignments.map(([name, word]) => `${name}=${word}`),
    ...membersScriptBody,
    '',
  ].join('\n');
}
