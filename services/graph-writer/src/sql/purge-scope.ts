import type { Queryable } from '@orgtrail/database';
import type pg from 'pg';
import { writingSettings } from './writing-settings.js';

/** What the graph holds of a scope. */
export interface HeldScope {
  /** The integration was removed. */
  closed: boolean;
  purgeRequestedAt: Date | null;
  purgedAt: Date | null;
  rows: { entities: number; subjects: number; history: number; deadLetters: number };
}

/** Undefined for a scope that the graph does not know. */
export async function selectHeldScope(database: Queryable, scope: string): Promise<HeldScope | undefined> {
  const { rows } = await database.query<Omit<HeldScope, 'rows'> & HeldScope['rows']>(
    `SELECT closed, purge_requested_at AS "purgeRequestedAt", purged_at AS "purgedAt",
            (SELECT count(*) FROM graph.entities AS kept WHERE kept.scope = known.scope)::float8 AS entities,
            (SELECT count(*) FROM graph.subjects AS kept WHERE kept.scope = known.scope)::float8 AS subjects,
            (SELECT count(*) FROM graph.changes AS kept WHERE kept.scope = known.scope)::float8 AS history,
            (SELECT count(*) FROM graph.dead_letters AS kept WHERE kept.record_key = known.scope)::float8 AS "deadLetters"
       FROM graph.scopes AS known WHERE known.scope = $1`,
    [scope],
  );
  const row = rows[0];
  if (!row) return undefined;
  const { entities, subjects, history, deadLetters, ...state } = row;
  return { ...state, rows: { entities, subjects, history, deadLetters } };
}

/** Leaves word that everything of the scope is to be deleted; once more where that was done already. False for one that is not closed. */
export async function askPurge(client: pg.PoolClient, scope: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE graph.scopes SET purge_requested_at = coalesce(purge_requested_at, clock_timestamp()), purged_at = NULL
      WHERE scope = $1 AND closed`,
    [scope],
  );
  return rowCount === 1;
}

/** Scopes that are to be purged, the first that was asked for first. */
export async function scopesToPurge(database: Queryable): Promise<string[]> {
  const { rows } = await database.query<{ scope: string }>(
    `SELECT scope FROM graph.scopes WHERE purge_requested_at IS NOT NULL AND purged_at IS NULL ORDER BY purge_requested_at, scope`,
  );
  return rows.map(({ scope }) => scope);
}

/** Locks a scope that is to be purged; false where that was done meanwhile. */
export async function lockPurged(client: pg.PoolClient, scope: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT ${writingSettings} FROM graph.scopes WHERE scope = $1 AND purge_requested_at IS NOT NULL AND purged_at IS NULL FOR UPDATE`,
    [scope],
  );
  return rowCount === 1;
}

/**
 * Deletes some entities or subjects of a scope with their history. Resolves to how many rows went. Key by key, because only so the history
 * is found by its index.
 */
export async function deleteSome(
  client: pg.PoolClient,
  scope: string,
  { what, atMost }: { what: 'entities' | 'subjects'; atMost: number },
): Promise<number> {
  const key = what === 'entities' ? 'key' : 'subject';
  const { rows } = await client.query<{ count: number }>(
    `WITH gone AS (
       DELETE FROM graph.${what} WHERE ctid = ANY (ARRAY(SELECT ctid FROM graph.${what} WHERE scope = $1 LIMIT $2)) AND scope = $1 RETURNING ${key}
     ), history AS (
       DELETE FROM graph.changes AS change USING gone WHERE change.scope = $1 AND change.key = gone.${key} RETURNING 1
     )
     SELECT ((SELECT count(*) FROM gone) + (SELECT count(*) FROM history))::int AS count`,
    [scope, atMost],
  );
  return rows[0]?.count ?? 0;
}

/** Deletes what is left: history of keys that no row has, dead letters, how far the feed was. The scope itself stays closed for ever. */
export async function finishPurge(client: pg.PoolClient, scope: string): Promise<void> {
  await client.query(`DELETE FROM graph.changes WHERE scope = $1`, [scope]);
  await client.query(`DELETE FROM graph.dead_letters WHERE record_key = $1`, [scope]);
  await client.query(`DELETE FROM graph.feed_positions WHERE scope = $1`, [scope]);
  // Without a time of its newest history the feed has nothing to look for.
  await client.query(`UPDATE graph.scopes SET purged_at = clock_timestamp(), last_applied_at = NULL WHERE scope = $1`, [scope]);
}
