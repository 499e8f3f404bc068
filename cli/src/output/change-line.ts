import { isDeepStrictEqual } from 'node:util';
import type { AppliedChange } from '@orgtrail/graph-writer';
import pc from 'picocolors';
import { printable } from './printable.js';

/** Names of OUs and roots by graph key, to say where something moved. */
export type NamesByKey = ReadonlyMap<string, string>;

/** One change as one line: when, what, to whom, by whom, and how long it took from the queue to the row. */
export function formatChange(change: AppliedChange, names: NamesByKey): string {
  const time = change.appliedAt.toISOString().slice(11, 19);
  const verb = verbOf(change).padEnd(9);
  const who = actorOf(change);
  const subject =
    change.accountId !== undefined && change.type === 'aws_account'
      ? `${change.accountId} ${change.displayName}`
      : change.displayName.replace(/^delegation:(\d+)$/, 'delegated administrator $1');
  const latency = latencyOf(change);
  return [
    pc.dim(time),
    colorOf(change)(verb),
    pc.bold(printable(subject)),
    printable(detailOf(change, names)),
    ...(who === undefined && isOnlyMember(change)
      ? []
      : [
          pc.dim(
            who === undefined
              ? 'found by a sync'
              : `by ${printable(who)}${change.cause ? ` (${printable(change.cause.eventName)})` : ''}`,
          ),
        ]),
    ...(latency === undefined ? [] : [pc.dim(`${latency} ms`)]),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** Milliseconds from the queue to the row. */
function latencyOf({ cause, appliedAt }: AppliedChange): number | undefined {
  return cause?.receivedAt === undefined ? undefined : Math.max(0, appliedAt.getTime() - cause.receivedAt.getTime());
}

function actorOf({ cause }: AppliedChange): string | undefined {
  if (!cause) return undefined;
  // arn:aws:sts::111122223333:assumed-role/platform-admin/ana -> platform-admin/ana
  const principal = cause.principalArn
    ?.split(':')
    .slice(5)
    .join(':')
    .replace(/^(assumed-role|user|role)\//, '');
  return principal === undefined || principal === '' ? (cause.invokedBy ?? 'AWS') : principal;
}

function verbOf(change: AppliedChange): string {
  // The event of what a sync had found.
  if (change.after !== undefined && isDeepStrictEqual(change.before, change.after)) return 'explained';
  switch (change.kind) {
    case 'CREATED':
    case 'RETURNED':
      return 'joined';
    case 'ENDED':
      return 'left';
    default:
      return parentOf(change.before) === parentOf(change.after) ? 'changed' : 'moved';
  }
}

function colorOf(change: AppliedChange): (text: string) => string {
  const verb = verbOf(change);
  return verb === 'joined' ? pc.green : verb === 'left' ? pc.red : verb === 'moved' ? pc.cyan : pc.yellow;
}

function detailOf(change: AppliedChange, names: NamesByKey): string {
  const nameOf = (key: string | undefined) =>
    key === undefined ? '(unknown)' : (names.get(key) ?? key.split('/').at(-1) ?? key);
  if (change.kind === 'ENDED') return '';
  if (change.before === undefined) return `in ${nameOf(parentOf(change.after))}`;
  const parents = [parentOf(change.before), parentOf(change.after)];
  const moved = parents[0] === parents[1] ? [] : [`${nameOf(parents[0])} -> ${nameOf(parents[1])}`];
  return [...moved, ...propertyChanges(change), ...memberChange(change)].join(', ');
}

/** Derived or repeated properties: saying them again says nothing. */
const silent = new Set([
  'displayName',
  'displayNames',
  'orgAccountName',
  'active',
  'parentId',
  'pathIds',
  'placementKnown',
  'tagsKnown',
  'tagsFromIndex',
  'memberStatus',
  'memberCause',
  'memberSince',
  'memberReason',
  'memberRoleArn',
  'memberWarnings',
  'memberChangedBy',
]);

function propertyChanges(change: AppliedChange): string[] {
  const before = change.before?.properties ?? {};
  const after = change.after?.properties ?? {};
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !silent.has(name) && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => {
      const shown = (value: unknown) =>
        value === undefined ? '(none)' : typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
      // An address is personal data: that it changed is enough here.
      return name === 'email' ? 'e-mail changed' : `${name} ${shown(before[name])} -> ${shown(after[name])}`;
    });
}

/** `member PENDING NOT_VERIFIED -> CONNECTED`; its reason is for `orgtrail members show`. */
function memberChange({ before, after }: AppliedChange): string[] {
  const [from, to] = [memberOf(before), memberOf(after)];
  const warnings = JSON.stringify(before?.properties['memberWarnings']) !== JSON.stringify(after?.properties['memberWarnings']);
  return [...(from === to ? [] : [`member ${from} -> ${to}`]), ...(warnings ? ['its warnings changed'] : [])];
}

/** Its role was verified, or its settings changed: no event of AWS. */
function isOnlyMember(change: AppliedChange): boolean {
  if (memberChange(change).length === 0) return false;
  return change.kind === 'UPDATED' && propertyChanges(change).length === 0 && parentOf(change.before) === parentOf(change.after);
}

function memberOf(state: AppliedChange['after']): string {
  const { memberStatus, memberCause } = state?.properties ?? {};
  return [memberStatus ?? '(none)', memberCause].filter((part) => typeof part === 'string').join(' ');
}

function parentOf(state: AppliedChange['after']): string | undefined {
  return state?.relationships.find(({ type }) => type.includes('_has_') && type !== 'aws_account_has_account')?.fromKey;
}
