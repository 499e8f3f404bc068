import type pg from 'pg';
import type { IntegrationSettings } from '../integrations/settings.js';
import { parseSubjectKey, type SubjectKey } from '../subjects.js';
import { countEndings, noteUnannouncedEndings } from './sql/endings.js';
import { heldAmong, holdDeletions, useApprovals } from './sql/held-deletions.js';

export interface GuardedIntegration {
  id: string;
  settings: Pick<IntegrationSettings, 'holdDeletionsAbove'>;
}

/** Above this many unannounced endings in 24 h, they wait for an operator (invariant 5). `liveAccounts`: at the window's start. */
export function endingsThreshold({ accounts, percent }: IntegrationSettings['holdDeletionsAbove'], liveAccounts: number): number {
  return Math.max(accounts, Math.floor((liveAccounts * percent) / 100));
}

/**
 * Lets endings of accounts and OUs pass, or holds all of them: what no departure event announced is summed over 24 h, together with what
 * is about to end, and above the threshold nothing ends until an operator approves the list. What is held stays so, whatever the sum is
 * later. Returns the subjects that are held. The integration has to be locked.
 */
export async function guardEndings(
  client: pg.PoolClient,
  integration: GuardedIntegration,
  ending: readonly { subject: SubjectKey }[],
): Promise<ReadonlySet<SubjectKey>> {
  const guarded = ending.map(({ subject }) => subject).filter(isGuarded);
  if (guarded.length === 0) return new Set();
  const { id } = integration;
  const approved = await useApprovals(client, id, guarded);
  const unapproved = guarded.filter((subject) => !approved.has(subject));
  if (unapproved.length === 0) return new Set();

  const { endedInWindow, candidates, liveAccounts } = await countEndings(client, id, unapproved);
  if (endedInWindow + candidates > endingsThreshold(integration.settings.holdDeletionsAbove, liveAccounts)) {
    await holdDeletions(client, id, unapproved);
    return new Set(unapproved);
  }
  const held = await heldAmong(client, id, unapproved);
  await noteUnannouncedEndings(
    client,
    id,
    unapproved.filter((subject) => !held.has(subject)),
  );
  return held;
}

/** Of these alone AWS can be asked one by one. */
export function isGuarded(subject: SubjectKey): boolean {
  return ['account', 'ou'].includes(parseSubjectKey(subject).kind);
}
