import type pg from 'pg';
import { lockIntegration } from '../integrations/sql/lock-integration.js';
import { askMembers } from '../integrations/sql/update-integration.js';
import { transact } from '../integrations/transact.js';
import { askRefresh } from './sql/ask-refresh.js';
import { approveHeldDeletions, releaseDeletions, type ReleasedDeletion } from './sql/held-deletions.js';
import { withdrawEndings } from './sql/withdraw-requests.js';

/**
 * Approves held endings, exactly those that the operator saw, and asks AWS about each again: only what is still not found ends.
 * Resolves to what was approved; subjects that are not held are left out.
 */
export async function approveDeletions(
  pool: pg.Pool,
  integrationId: string,
  options: { subjects: readonly string[]; approvedBy: string },
): Promise<string[]> {
  return transact(pool, async (client) => {
    await lockIntegration(client, integrationId);
    const approved = await approveHeldDeletions(client, integrationId, options);
    await askRefresh(
      client,
      integrationId,
      approved.map((subject) => ({ subject, parts: ['core'], reason: 'operator' })),
    );
    return approved;
  });
}

/**
 * Drops held endings, these or all, with the approvals of whoever approved them: the subjects live on, and their members with them.
 * Nothing is asked of AWS, and what was going to be asked to end them is not; what the next complete sync lacks is nominated anew.
 * Resolves to what was dropped.
 */
export async function discardDeletions(
  pool: pg.Pool,
  integrationId: string,
  subjects?: readonly string[],
): Promise<ReleasedDeletion[]> {
  return transact(pool, async (client) => {
    await lockIntegration(client, integrationId);
    const discarded = await releaseDeletions(client, integrationId, subjects);
    if (discarded.length === 0) return [];
    await withdrawEndings(
      client,
      integrationId,
      discarded.map(({ subject }) => subject),
    );
    await askMembers(client, integrationId);
    return discarded;
  });
}
