import type pg from 'pg';
import { parseSubjectKey, type SubjectKey } from '../subjects.js';
import { approvedDeletions, countEndings, holdDeletions, noteUnannouncedEndings } from './sql/endings.js';

/** Above this many unannounced endings in 24 h, they wait for an operator (invariant 5). `liveAccounts`: at the window's start. */
export function endingsThreshold(liveAccounts: number): number {
  return Math.max(3, Math.floor(liveAccounts * 0.05));
}

/**
 * Lets endings of accounts and OUs pass, or holds all of them: what no departure event announced is summed over 24 h, and above the
 * threshold nothing ends until an operator approves the list. Returns the subjects that are held.
 */
export async function guardEndings(
  client: pg.PoolClient,
  integrationId: string,
  ending: readonly { subject: SubjectKey }[],
): Promise<ReadonlySet<SubjectKey>> {
  const guarded = ending
    .map(({ subject }) => subject)
    .filter((subject) => ['account', 'ou'].includes(parseSubjectKey(subject).kind));
  if (guarded.length === 0) return new Set();
  const approved = await approvedDeletions(client, integrationId, guarded);
  const unapproved = guarded.filter((subject) => !approved.has(subject));
  if (unapproved.length === 0) return new Set();

  const { endedInWindow, liveAccounts } = await countEndings(client, integrationId);
  if (endedInWindow + unapproved.length > endingsThreshold(liveAccounts + endedInWindow)) {
    await holdDeletions(client, integrationId, unapproved);
    return new Set(unapproved);
  }
  await noteUnannouncedEndings(client, integrationId, unapproved);
  return new Set();
}
