import type { Queryable } from '@orgtrail/database';

/**
 * Locks an integration's row until the transaction ends. Transactions that lock more than one kind of row take them in this order, so that
 * none waits for another in a circle: observed subjects, the integration, held deletions, unannounced endings, the version clock, found
 * changes, refresh requests; and rows of one kind in the order of their keys.
 */
export async function lockIntegration(database: Queryable, integrationId: string): Promise<void> {
  await database.query(`SELECT 1 FROM discovery.integrations WHERE id = $1 FOR NO KEY UPDATE`, [integrationId]);
}
