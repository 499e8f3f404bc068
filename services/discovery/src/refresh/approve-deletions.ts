import { inTransaction } from '@orgtrail/database';
import type pg from 'pg';
import type { SubjectKey } from '../subjects.js';
import { askRefresh } from './sql/ask-refresh.js';
import { approveHeldDeletions } from './sql/endings.js';

/**
 * Approves held endings, exactly those that the operator saw, and asks AWS about each again: only what is still not found ends.
 * Resolves to what was approved; subjects that are not held are left out.
 */
export async function approveDeletions(
  pool: pg.Pool,
  integrationId: string,
  options: { subjects: readonly string[]; approvedBy: string },
): Promise<string[]> {
  return inTransaction(pool, async (client) => {
    const approved = await approveHeldDeletions(client, integrationId, {
      subjects: options.subjects as readonly SubjectKey[],
      approvedBy: options.approvedBy,
    });
    await askRefresh(
      client,
      integrationId,
      approved.map((subject) => ({ subject, parts: ['core'], reason: 'operator' })),
    );
    return approved;
  });
}
