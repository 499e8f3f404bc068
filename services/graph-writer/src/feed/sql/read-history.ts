import type pg from 'pg';
import type { ChangeKind, StoredCause, StoredState, StoredSync } from '../../change.js';
import type { FeedPosition, ScopeBehind } from './feed-position.js';

/** A row of the history, whole. */
export interface HistoryRow extends FeedPosition {
  scope: string;
  subject: string;
  type: string;
  kind: ChangeKind;
  state: StoredState | null;
  cause: StoredCause | null;
  foundBy: StoredSync | null;
  /** Of a row that only tells the cause of an earlier one. */
  explainedVersion: bigint | null;
  writtenAt: Date;
  observedAt: Date | null;
}

/**
 * The unpublished history of a scope in its order, page by page, as of one moment: the places are found and sorted once, however many there are, and
 * the states are read with their page. In a transaction.
 */
export async function* readHistory(
  client: pg.PoolClient,
  { scope, published }: ScopeBehind,
  pageSize: number,
): AsyncGenerator<HistoryRow[]> {
  await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  // Before the snapshot: of a history that is folded in between it would see neither the old partitions nor the rows of the new one.
  await client.query('LOCK TABLE graph.changes IN ACCESS SHARE MODE');
  await client.query({
    text: `DECLARE unpublished NO SCROLL CURSOR FOR
           SELECT key, version FROM graph.changes
            WHERE scope = $1 AND at >= $2::timestamptz AND (at, version, key) > ($2::timestamptz, $3::bigint, $4)
            ORDER BY at, version, key`,
    values: [scope, published?.at ?? '-infinity', (published?.version ?? 0n).toString(), published?.key ?? ''],
  });
  for (;;) {
    const places = await client.query<{ key: string; version: string }>(`FETCH ${pageSize} FROM unpublished`);
    if (places.rows.length === 0) return;
    yield await readRows(client, scope, places.rows);
  }
}

async function readRows(
  client: pg.PoolClient,
  scope: string,
  places: readonly { key: string; version: string }[],
): Promise<HistoryRow[]> {
  const { rows } = await client.query<{
    key: string;
    version: string;
    subject: string;
    type: string;
    kind: ChangeKind;
    state: StoredState | null;
    cause: StoredCause | null;
    found_by: StoredSync | null;
    explained_version: string | null;
    at: string;
    written_at: Date;
    observed_at: Date | null;
  }>(
    `SELECT change.key, change.version, change.subject, change.type, change.kind, change.state, change.cause, change.found_by, change.explained_version, change.at::text AS at,
            change.at AS written_at, change.observed_at
       FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY AS place (key, version, number)
       JOIN graph.changes AS change ON change.scope = $1 AND change.key = place.key AND change.version = place.version
      ORDER BY place.number`,
    [scope, places.map(({ key }) => key), places.map(({ version }) => version)],
  );
  return rows.map(({ version, found_by, explained_version, written_at, observed_at, ...row }) => ({
    ...row,
    scope,
    version: BigInt(version),
    foundBy: found_by,
    explainedVersion: explained_version === null ? null : BigInt(explained_version),
    writtenAt: written_at,
    observedAt: observed_at,
  }));
}
