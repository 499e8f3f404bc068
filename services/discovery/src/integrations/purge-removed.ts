import type pg from 'pg';
import { Refused } from './refused.js';
import { deleteIntegration, lockIntegration } from './sql/removed-integrations.js';
import { transact } from './transact.js';

/** Forgets a removed integration for good: its settings and external ids, and everything that was kept of it. The graph has a purge of its own. */
export async function purgeRemoved(pool: pg.Pool, id: string): Promise<void> {
  await transact(pool, async (client) => {
    const locked = await lockIntegration(client, id);
    if (!locked) {
      throw new Refused(
        'not-found',
        `There is no removed integration ${id}. GET /v1/removed-integrations lists them.`,
        'NO_INTEGRATION',
      );
    }
    if (!locked.isRemoved) {
      throw new Refused('conflict', 'The integration is not removed. Remove it first: that ends its graph.', 'NOT_REMOVED');
    }
    if (!locked.isPublished) {
      throw new Refused(
        'conflict',
        'The bus does not know of the removal yet. Ask again in a minute: purged now, its graph would never end.',
        'REMOVAL_NOT_PUBLISHED',
      );
    }
    await deleteIntegration(client, id);
  });
}
