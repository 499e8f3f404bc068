import type { IntegrationShape } from '../api/shapes.js';
import { describeProgress } from './describe-progress.js';
import { printable } from './printable.js';
import { formatTable } from './table.js';

export function whatNext({ id, externalId: id2 }: IntegrationShape): string {
  return [
    `Integration ${id} is made. Its external id: ${id2 ?? '(none)'}`,
    '',
    'Next: connect the organization, in one of four ways, with every value filled in:',
    `  orgtrail integration onboard cloudformation ${id}      (or console, cli, terraform)`,
    'Orgtrail tries again by itself every minute; then',
    '  orgtrail members list',
    'shows which accounts are connected.',
  ].join('\n');
}

export function whatAfterRotation({ externalId: current, previousExternalId }: IntegrationShape): string {
  return [
    `The new external id: ${current ?? '(none)'}`,
    previousExternalId === undefined
      ? 'The former one is not used any more, and roles must refuse it.'
      : `The former one is used where the new one is refused until ${previousExternalId.validUntil}; afterwards roles must refuse it.`,
    'Put the new one into the trust policies: `orgtrail integration onboard` has both in its templates and commands.',
  ].join('\n');
}

export function formatIntegrations(found: readonly IntegrationShape[]): string {
  if (found.length === 0) return 'No integration yet: make one with `orgtrail integration create`.';
  return formatTable(
    ['id', 'name', 'organization', 'condition', 'last sync'],
    found.map(({ id, name, organizationId, condition, lastFullSyncAt }) => [
      id,
      printable(name),
      organizationId ?? '',
      condition.cause === undefined ? condition.code : `${condition.code} ${condition.cause}`,
      lastFullSyncAt ?? 'never',
    ]),
  );
}

function describeBacklog({ due, waiting, stuck, expectedSeconds }: NonNullable<IntegrationShape['backlog']>): string {
  const failing = stuck === 0 ? '' : `, ${stuck} of them failing`;
  return `${due} to be read, ${waiting} to be confirmed later${failing}${due === 0 ? '' : `; about ${expectedSeconds} s at our share of AWS's rates`}`;
}

export function formatIntegration({ condition, sync, backlog, ...rest }: IntegrationShape): string {
  const shown: [string, unknown][] = [
    ['condition', `${condition.code}${condition.cause === undefined ? '' : ` ${condition.cause}`} since ${condition.since}`],
    ['', condition.message],
    ...(sync?.running ? [['sync', `${sync.running.kind}, ${describeProgress(sync.running)}`] as [string, unknown]] : []),
    ...(backlog ? [['backlog', describeBacklog(backlog)] as [string, unknown]] : []),
    ...Object.entries(rest),
  ];
  return shown
    .map(([name, value]) => `${name.padEnd(31)}${printable(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join('\n');
}
