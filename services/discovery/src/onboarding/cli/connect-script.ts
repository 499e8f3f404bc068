import { eventPathNames, eventPattern, managementRoleActions, queueAttributes } from '@orgtrail/aws';
import { eventPathArns } from '../event-path-arns.js';
import { permissionsPolicy, queuePolicy, trustPolicy } from '../policies.js';
import { shellWord } from '../quoting.js';
import { named, type OnboardingValues } from '../values.js';
import { scriptBody } from './script-body.js';

export const scriptName = 'connect-management-account.sh';

/** Stands for the account id inside documents; no document of ours can hold it otherwise. */
const accountMark = '\u{e000}';

/**
 * The script: what differs between integrations are assignments at its beginning, each one a single quoted word; below them no value
 * is ever pasted. The account id is asked from AWS when it runs.
 */
export function connectScript(values: OnboardingValues): string {
  const { partition, region, externalId, previousExternalId, otherQueueArn } = values;
  const place = { partition, region, accountId: accountMark, otherQueueArn };
  const arns = eventPathArns(place);
  const trust = trustPolicy(values.trustedPrincipal, [
    externalId,
    ...(previousExternalId === undefined ? [] : [previousExternalId]),
  ]);
  const ownQueueArn = eventPathArns({ ...place, otherQueueArn: undefined }).queue;
  const assignments: [string, string][] = [
    ['expected_account', shellWord(values.managementAccountId ?? '')],
    ['region', shellWord(region)],
    ['role_name', shellWord(values.roleName)],
    ['role_path', shellWord(values.rolePath)],
    ['tag', shellWord(eventPathNames.tag.key)],
    ['integration_tag', shellWord(eventPathNames.integrationTag)],
    ['maker', shellWord(scriptName)],
    ['integration', shellWord(values.integrationId)],
    ['with_events', otherQueueArn === undefined ? 'true' : 'false'],
    // Whoever has a queue of their own may have a rule of their own for what is forwarded.
    ['with_forwarding', 'true'],
    ['rule_name', shellWord(eventPathNames.rule)],
    ['target_id', shellWord(eventPathNames.target)],
    ['queue_name', shellWord(eventPathNames.queue)],
    ['undelivered_name', shellWord(eventPathNames.undeliveredQueue)],
    ['queue_statement_id', shellWord(eventPathNames.policyStatement)],
    // Statements have no tags: for which integration one was made is in its id, of at most 64 characters. No other way has it there.
    ['forwarding_statement', shellWord(`${eventPathNames.forwardingStatement}${values.integrationId.replaceAll('-', '')}`)],
    ['forwarding_accounts', `(${values.forwardingAccountIds.map(shellWord).join(' ')})`],
  ];
  const documents: [string, string][] = [
    ['trust_policy', JSON.stringify(trust, null, 2)],
    ['permissions', JSON.stringify(permissionsPolicy(managementRoleActions, arns), null, 2)],
    ['event_pattern', JSON.stringify(eventPattern)],
    ...queueDocuments('queue', ownQueueArn, arns.rule),
    ...queueDocuments('undelivered', arns['undelivered-queue'], arns.rule),
    [
      'targets',
      JSON.stringify([{ Id: eventPathNames.target, Arn: ownQueueArn, DeadLetterConfig: { Arn: arns['undelivered-queue'] } }]),
    ],
    ['rule_arn', arns.rule],
  ];
  return [
    '#!/usr/bin/env bash',
    `# Connects the management account to Orgtrail: integration ${named(values)}.`,
    '# Makes the role, the queues and the rule, or brings them up to date; run it again at will.',
    '',
    'set -euo pipefail',
    '',
    ...assignments.map(([name, word]) => `${name}=${word}`),
    ...scriptBody(documents.map(([name, document]) => `${name}=${documentWord(document)}`)),
    '',
  ].join('\n');
}

/** Quoted as a whole, except the account id. */
function documentWord(document: string): string {
  return document
    .split(accountMark)
    .map((piece) => (piece === '' ? '' : shellWord(piece)))
    .join('"$account"');
}

function queueDocuments(name: string, queueArn: string, ruleArn: string): [string, string][] {
  const policy = queuePolicy({ queueArn, ruleArn });
  const Policy = JSON.stringify(policy);
  return [
    [`${name}_attributes`, JSON.stringify(queueAttributes(policy))],
    [`${name}_policy`, JSON.stringify({ Policy })],
    [`${name}_statement`, policy.Statement.map((statement) => JSON.stringify(statement)).join(',')],
  ];
}
