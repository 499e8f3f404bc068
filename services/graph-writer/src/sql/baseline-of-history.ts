import type pg from 'pg';
import type { HistoryPartition } from './history-partitions.js';

/** What is dropped, and what takes its place. */
export interface Fold {
  /** Name of the new partition. */
  baseline: string;
  /** Version before which the history is folded: that of the first moment of a month. */
  cutoff: bigint;
  /** The partitions that hold older rows only. */
  old: readonly HistoryPartition[];
}

// The names are made of digits by us, or Postgres said them, and DDL takes no parameters.
const quoted = (name: string): string => `graph."${name.replaceAll('"', '""')}"`;

/** True where this connection is the one that folds, until its transaction ends. */
export async function lockFolding(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('orgtrail.graph.fold', 0)) AS locked`,
  );
  return rows[0]?.locked === true;
}

/** False where somebody folds. Otherwise nobody begins to until the transaction ends; many can hold it off at once. */
export async function holdOffFolding(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_xact_lock_shared(hashtextextended('orgtrail.graph.fold', 0)) AS locked`,
  );
  return rows[0]?.locked === true;
}

/** Keeps rows from being written where older ones are folded; they can be read meanwhile. */
export async function lockOldHistory(client: pg.PoolClient, { old }: Fold): Promise<void> {
  await client.query(`LOCK TABLE ${[...old.map(({ name }) => name), 'changes_default'].map(quoted).join(', ')} IN SHARE MODE`);
}

/** Whether the default partition holds rows of versions before this one. */
export async function defaultHasRowsBefore(client: pg.PoolClient, cutoff: bigint): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM graph.changes_default WHERE version < $1) AS found`,
    [cutoff.toString()],
  );
  return rows[0]?.found === true;
}

/** Scopes of which the feed has not published everything that is to be folded. One that was never published counts only where the feed is on. */
export async function unpublishedScopes(
  client: pg.PoolClient,
  { cutoff }: Fold,
  { feedIsOn }: { feedIsOn: boolean },
): Promise<string[]> {
  const { rows } = await client.query<{ scope: string }>(
    `SELECT known.scope
       FROM graph.scopes AS known LEFT JOIN graph.feed_positions AS position USING (scope)
      WHERE (position.scope IS NOT NULL OR $2)
        AND EXISTS (SELECT FROM graph.changes AS change
                     WHERE change.scope = known.scope AND change.version < $1
                       AND (position.scope IS NULL OR (change.at, change.version, change.key) > (position.at, position.version, position.key)))
      ORDER BY known.scope`,
    [cutoff.toString(), feedIsOn],
  );
  return rows.map(({ scope }) => scope);
}

/**
 * Writes the last row of each key before the cutoff into a new table. It keeps its version, its time and its cause; where a row before it is dropped it is the
 * baseline of its key from now on, unless the key had ended. Returns how many rows there are of how many.
 */
export async function buildBaseline(
  client: pg.PoolClient,
  { baseline, cutoff }: Fold,
): Promise<{ kept: number; folded: number }> {
  await client.query(`CREATE TABLE ${quoted(baseline)} (LIKE graph.changes INCLUDING ALL)`);
  // Known to Postgres beforehand: or it reads all of it again when it is attached, while everybody waits.
  await client.query(`ALTER TABLE ${quoted(baseline)} ADD CONSTRAINT before_cutoff CHECK (version < ${cutoff})`);
  const { rowCount } = await client.query(
    `INSERT INTO ${quoted(baseline)} (scope, key, version, subject, type, kind, state, cause, observed_at, at)
     SELECT scope, key, version, subject, type, CASE WHEN kind = 'ENDED' OR earlier = 0 THEN kind ELSE 'BASELINE' END, state, cause, observed_at, at
       FROM (SELECT scope, key, max(version) AS version, count(*) - 1 AS earlier FROM graph.changes WHERE version < $1 GROUP BY scope, key) AS latest
       JOIN graph.changes AS change USING (scope, key, version)
      WHERE change.version < $1
      ORDER BY scope, key`,
    [cutoff.toString()],
  );
  const { rows } = await client.query<{ folded: number }>(
    `SELECT count(*)::float8 AS folded FROM graph.changes WHERE version < $1`,
    [cutoff.toString()],
  );
  return { kept: rowCount ?? 0, folded: rows[0]?.folded ?? 0 };
}

/**
 * Says of each scope of which rows are dropped from when on its history is whole: the time of the newest row that is folded. Locks the scopes in the
 * order in which the writers do.
 */
export async function markHistoryFrom(client: pg.PoolClient, { baseline, cutoff }: Fold): Promise<void> {
  await client.query(`SELECT FROM graph.scopes ORDER BY scope COLLATE "C" FOR UPDATE`);
  await client.query(
    `UPDATE graph.scopes AS known SET history_from = greatest(known.history_from, folded.until)
       FROM (SELECT scope, max(at) AS until, count(*) AS rows FROM graph.changes WHERE version < $1 GROUP BY scope) AS folded
      WHERE folded.scope = known.scope
        AND folded.rows > (SELECT count(*) FROM ${quoted(baseline)} AS kept WHERE kept.scope = known.scope)`,
    [cutoff.toString()],
  );
}

/** Puts the baseline in the place of what it folds. Everybody waits for the lock that it takes, and it for everybody. */
export async function swapHistory(client: pg.PoolClient, { baseline, cutoff, old }: Fold): Promise<void> {
  await client.query(`LOCK TABLE graph.changes IN ACCESS EXCLUSIVE MODE`);
  for (const { name } of old) {
    await client.query(`ALTER TABLE graph.changes DETACH PARTITION ${quoted(name)}`);
    await client.query(`DROP TABLE ${quoted(name)}`);
  }
  await client.query(`DELETE FROM graph.changes_default WHERE version < $1`, [cutoff.toString()]);
  await client.query(`ALTER TABLE graph.changes ATTACH PARTITION ${quoted(baseline)} FOR VALUES FROM (MINVALUE) TO (${cutoff})`);
  await client.query(`ALTER TABLE ${quoted(baseline)} DROP CONSTRAINT before_cutoff`);
}
