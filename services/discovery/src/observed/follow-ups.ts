import type pg from 'pg';
import { askRefresh, type Asking } from '../refresh/sql/ask-refresh.js';
import { parseSubjectKey, partsOf, subjectKey, type SubjectKey } from '../subjects.js';
import type { SubjectChange } from './merge.js';
import { openInvitations } from './sql/open-invitations.js';
import { isLive, unreadParts, type InvitationCore, type PartRead, type SubjectState } from './subject-state.js';
import type { StoredCause } from './sql/store-subjects.js';
import { liveAmong } from './sql/live-among.js';

export interface MergedForFollowUp {
  subject: SubjectKey;
  reads: readonly PartRead[];
  before: { state: SubjectState };
  state: SubjectState;
  change: SubjectChange;
  cause: StoredCause | undefined;
}

/** AWS lets an invitation expire without an event; a minute later its list says so. */
const afterExpiryMs = 60_000;
/** Still listed as open by then: somebody's clock is late. */
const expiryAgainMs = 3_600_000;

/** Asks for what follows from what was just merged, in the same transaction. */
export async function askFollowUps(
  client: pg.PoolClient,
  integrationId: string,
  merged: readonly MergedForFollowUp[],
  { baseline, now }: { baseline: boolean; now: Date },
): Promise<void> {
  const askings = merged.flatMap((entry) => [...ofParts(entry), ...ofExpiry(entry, now), ...ofAcceptance(entry)]);
  // The first sync lists invitations and delegations itself.
  if (!baseline) askings.push(...(await ofAccounts(client, integrationId, merged)));
  await askRefresh(client, integrationId, askings);
}

/** Parts of a live subject that were never read since it (re)appeared. */
function ofParts({ subject, state }: MergedForFollowUp): Asking[] {
  const { kind } = parseSubjectKey(subject);
  const unread = unreadParts(state, partsOf[kind]);
  return unread.length > 0 ? [{ subject, parts: unread, reason: 'unread' }] : [];
}

function ofExpiry({ subject, state }: MergedForFollowUp, now: Date): Asking[] {
  if (parseSubjectKey(subject).kind !== 'invitation') return [];
  const { expiresAt } = (state.parts.core?.value ?? {}) as Partial<InvitationCore>;
  if (expiresAt === undefined) return [];
  const dueAt = expiresAt + afterExpiryMs > now.getTime() ? expiresAt + afterExpiryMs : now.getTime() + expiryAgainMs;
  return [{ subject, parts: ['core'], reason: 'expiry', dueAt: new Date(dueAt) }];
}

/**
 * Who accepted has joined; the member's own call is logged in the member's account alone. Where no event told of it, what is found of the
 * account counts as found, too.
 */
function ofAcceptance({ subject, reads, before, state, change, cause }: MergedForFollowUp): Asking[] {
  if (change.kind !== 'ended' || state.goneReason !== 'accepted' || !isLive(before.state)) return [];
  const named = reads.flatMap((read) => (read.part === 'existence' && read.accountId !== undefined ? [read.accountId] : []));
  const accountId = named[0] ?? (before.state.parts.core?.value as InvitationCore | undefined)?.accountId;
  if (parseSubjectKey(subject).kind !== 'invitation' || accountId === undefined) return [];
  return (['account', 'delegation'] as const).map((kind) => ({
    subject: subjectKey(kind, accountId),
    parts: partsOf[kind],
    ...(cause ? { reason: 'event' as const, cause } : { reason: 'related' as const }),
  }));
}

/** An account that came may have been invited, and one that left is nobody's administrator any more. */
async function ofAccounts(client: pg.PoolClient, integrationId: string, merged: readonly MergedForFollowUp[]): Promise<Asking[]> {
  const ids = (kind: SubjectChange['kind']): string[] =>
    merged.flatMap(({ subject, change }) => {
      const parsed = parseSubjectKey(subject);
      return parsed.kind === 'account' && change.kind === kind ? [parsed.id] : [];
    });
  const [came, left] = [ids('created'), ids('ended')];
  const related = [
    ...(came.length === 0 ? [] : await openInvitations(client, integrationId, came)),
    ...(left.length === 0
      ? []
      : await liveAmong(
          client,
          integrationId,
          left.map((id) => subjectKey('delegation', id)),
        )),
  ];
  return related.map((subject) => ({ subject, parts: ['core'], reason: 'related' }));
}
