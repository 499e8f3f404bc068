import type { Queryable } from '@orgtrail/database';

export async function beginFullSync(
  database: Queryable,
  integrationId: string,
  sync: { version: bigint; reason: string },
): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `INSERT INTO discovery.full_syncs (integration_id, version, reason, started_at) VALUES ($1, $2, $3, clock_timestamp()) RETURNING id`,
    [integrationId, sync.version.toString(), sync.reason],
  );
  return rows[0]?.id ?? '';
}

/** Notes how it ended. An integration's history begins with its first full sync that was not a failure. */
export async function finishFullSync(
  database: Queryable,
  integrationId: string,
  syncId: string,
  result: { outcome: 'complete' | 'incomplete' | 'failed'; summary: object },
): Promise<void> {
  await database.query(
    `UPDATE discovery.full_syncs SET finished_at = clock_timestamp(), outcome = $2, summary = $3 WHERE id = $1`,
    [syncId, result.outcome, JSON.stringify(result.summary)],
  );
  if (result.outcome === 'failed') return;
  await database.query(
    `UPDATE discovery.integrations
        SET last_full_sync_at = clock_timestamp(), baseline_at = coalesce(baseline_at, clock_timestamp())
      WHERE id = $1`,
    [integrationId],
  );
}
