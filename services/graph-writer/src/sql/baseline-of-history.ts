import type pg from 'pg';
import { eraseEmailFromHistory } from './change-scope.js';
import type { HistoryPartition } from './history-partitions.js';

/** What is dropped, and what takes its place: of the rows of versions before `until` those that were written before it are folded, the others stay. */
export interface Fold {
  /** Name of the new partition. */
  baseline: string;
  /** The first moment of a month, in UTC. */
  until: Date;
  /** The partitions that hold rows of versions before `until` only. */
  old: readonly HistoryPartition[];
}

/** What is folded of a scope. */
export interface FoldedScope {
  scope: string;
  rows: number;
  /** How many of them stay, one of each key. */
  kept: number;
  /** When the newest of them was written, as Postgres prints it. */
  newest: string;
  /** Version to which the scope's addresses were erased when the baseline was begun; null where never. */
  emailErased: string | null;
}

/** The version of what was observed at a time. */
export const versionOf = (time: Date): bigint => BigInt(time.getTime()) * 1000n;

// The names are made of digits by us, or Postgres said them, and DDL takes no parameters.
const quoted = (name: string): string => `graph."${name.replaceAll('"', '""')}"`;

/** Whether there are rows that would be folded. */
export async function hasRowsBefore(client: pg.PoolClient, until: Date): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM graph.changes WHERE version < $1 AND at < $2) AS found`,
    [versionOf(until).toString(), until],
  );
  return rows[0]?.found === true;
}

/**
 * Scopes of which the feed has not published everything that would be folded, with the time of the first such row. One that was never published counts
 * only where the feed is on.
 */
export async function unpublishedBefore(
  client: pg.PoolClient,
  until: Date,
  { feedIsOn }: { feedIsOn: boolean },
): Promise<{ scope: string; since: Date }[]> {
  const { rows } = await client.query<{ scope: string; since: Date }>(
    `SELECT known.scope, min(change.at) AS since
       FROM graph.scopes AS known
       LEFT JOIN graph.feed_positions AS position USING (scope)
       JOIN graph.changes AS change ON change.scope = known.scope AND change.version < $1 AND change.at < $2
      WHERE (position.scope IS NOT NULL OR $3)
        AND (position.scope IS NULL OR (change.at, change.version, change.key) > (position.at, position.version, position.key))
      GROUP BY known.scope
      ORDER BY known.scope`,
    [versionOf(until).toString(), until, feedIsOn],
  );
  return rows;
}

/**
 * Writes the last of the rows of each key that are folded into a new table. It keeps its version, its time and its cause; where a row before it is dropped it
 * is the baseline of its key from now on, unless the key had ended. Holds nobody up: what is written meanwhile is newer than `until`, so it stays as it is.
 */
export async function buildBaseline(client: pg.PoolClient, { baseline, until }: Fold): Promise<FoldedScope[]> {
  const bounds = [versionOf(until).toString(), until];
  await client.query(`CREATE TABLE ${quoted(baseline)} (LIKE graph.changes INCLUDING ALL)`);
  // Known to Postgres beforehand: or it reads all of it again when it is attached, while everybody waits.
  await client.query(`ALTER TABLE ${quoted(baseline)} ADD CONSTRAINT before_until CHECK (version < ${versionOf(until)})`);
  // Read before the rows are: what is erased later is told by a later version.
  const { rows: erased } = await client.query<{ scope: string; version: string | null }>(
    `SELECT scope, email_purged_version AS version FROM graph.scopes`,
  );
  await client.query(
    `INSERT INTO ${quoted(baseline)} (scope, key, version, subject, type, kind, state, cause, found_by, observed_at, at)
     SELECT scope, key, version, subject, type, CASE WHEN kind = 'ENDED' OR earlier = 0 THEN kind ELSE 'BASELINE' END, state, cause, found_by, observed_at, at
       FROM (SELECT scope, key, max(version) AS version, count(*) - 1 AS earlier
               FROM graph.changes WHERE version < $1 AND at < $2 GROUP BY scope, key) AS latest
       JOIN graph.changes AS change USING (scope, key, version)
      WHERE change.version < $1
      ORDER BY scope, key`,
    bounds,
  );
  const { rows } = await client.query<{ scope: string; rows: number; kept: number; newest: string }>(
    `SELECT folded.scope, folded.rows, (SELECT count(*)::float8 FROM ${quoted(baseline)} AS kept WHERE kept.scope = folded.scope) AS kept, folded.newest
       FROM (SELECT scope, count(*)::float8 AS rows, max(at)::text AS newest FROM graph.changes WHERE version < $1 AND at < $2 GROUP BY scope) AS folded`,
    bounds,
  );
  await client.query(`SELECT brin_summarize_new_values('${quoted(`${baseline}_at_idx`)}'::regclass)`);
  await client.query(`ANALYZE ${quoted(baseline)}`);
  const erasedOf = new Map(erased.map(({ scope, version }) => [scope, version]));
  return rows.map((folded) => ({ ...folded, emailErased: erasedOf.get(folded.scope) ?? null }));
}

/** Locks what is folded as the writers do, the scopes first and in their order: everybody waits for it, and it for everybody. */
export async function lockFolded(client: pg.PoolClient, folded: readonly FoldedScope[]): Promise<void> {
  await client.query(`SELECT FROM graph.scopes WHERE scope = ANY ($1::text[]) ORDER BY scope COLLATE "C" FOR UPDATE`, [
    folded.map(({ scope }) => scope),
  ]);
  await client.query(`LOCK TABLE graph.changes IN ACCESS EXCLUSIVE MODE`);
}

/** Erases the addresses from the baseline that were erased from the history while it was built. */
export async function eraseFromBaseline(
  client: pg.PoolClient,
  { baseline }: Fold,
  folded: readonly FoldedScope[],
): Promise<void> {
  const { rows } = await client.query<{ scope: string; erased: string }>(
    `SELECT known.scope, known.email_purged_version AS erased
       FROM graph.scopes AS known JOIN unnest($1::text[], $2::bigint[]) AS folded (scope, erased) USING (scope)
      WHERE known.email_purged_version > coalesce(folded.erased, -1)`,
    [folded.map(({ scope }) => scope), folded.map(({ emailErased }) => emailErased)],
  );
  for (const { scope, erased } of rows) {
    await eraseEmailFromHistory(client, { scope, version: BigInt(erased) }, quoted(baseline));
  }
}

/** Says of each scope of which rows are dropped from when on its history is whole: the time of the newest row that is folded. */
export async function markHistoryFrom(client: pg.PoolClient, folded: readonly FoldedScope[]): Promise<void> {
  const dropped = folded.filter((of) => of.rows > of.kept);
  await client.query(
    `UPDATE graph.scopes AS known SET history_from = greatest(known.history_from, dropped.newest)
       FROM unnest($1::text[], $2::timestamptz[]) AS dropped (scope, newest)
      WHERE known.scope = dropped.scope`,
    [dropped.map(({ scope }) => scope), dropped.map(({ newest }) => newest)],
  );
}

/** Puts the baseline in the place of what it folds, with the rows as old that were written later. All of it is locked. */
export async function swapHistory(client: pg.PoolClient, { baseline, until, old }: Fold): Promise<void> {
  const version = versionOf(until);
  await client.query(`INSERT INTO ${quoted(baseline)} SELECT * FROM graph.changes WHERE version < $1 AND at >= $2`, [
    version.toString(),
    until,
  ]);
  for (const { name } of old) {
    await client.query(`ALTER TABLE graph.changes DETACH PARTITION ${quoted(name)}`);
    await client.query(`DROP TABLE ${quoted(name)}`);
  }
  await client.query(`DELETE FROM graph.changes_default WHERE version < $1`, [version.toString()]);
  await client.query(`ALTER TABLE graph.changes ATTACH PARTITION ${quoted(baseline)} FOR VALUES FROM (MINVALUE) TO (${version})`);
  await client.query(`ALTER TABLE ${quoted(baseline)} DROP CONSTRAINT before_until`);
}
