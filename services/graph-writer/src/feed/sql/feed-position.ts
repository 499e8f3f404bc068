import type { Queryable } from '@orgtrail/database';

/** Where a row of the history stands in the feed of its scope: in the order of these three. */
export interface FeedPosition {
  /** As Postgres writes it, to the microsecond. */
  at: string;
  version: bigint;
  key: string;
}

export interface ScopeBehind {
  scope: string;
  /** Undefined: nothing of it was published. */
  published: FeedPosition | undefined;
}

/** In SQL, of `known` and its `position`: something of its history was not published. All rows of a batch have one time: within it only the position knows. */
const isBehind = `(CASE WHEN position.at IS NULL THEN known.last_applied_at IS NOT NULL
              WHEN position.is_whole THEN known.last_applied_at > position.at ELSE known.last_applied_at >= position.at END)`;

/** Scopes with history that was not published, the one that waits longest first. What is being purged is told to nobody any more. */
export async function scopesBehind(database: Queryable): Promise<ScopeBehind[]> {
  const { rows } = await database.query<{ scope: string; at: string | null; version: string; key: string }>(
    `SELECT known.scope, position.at::text AS at, position.version, position.key
       FROM graph.scopes AS known LEFT JOIN graph.feed_positions AS position USING (scope)
      WHERE ${isBehind} AND known.purge_requested_at IS NULL
      ORDER BY position.at NULLS FIRST`,
  );
  return rows.map(({ scope, at, version, key }) => ({
    scope,
    published: at === null ? undefined : { at, version: BigInt(version), key },
  }));
}

/**
 * Moves the position of a scope from where it was: false when somebody else has moved it meanwhile. Only after the bus has acknowledged what stands
 * before it. `isWhole`: nothing of the same time stands behind it.
 */
export async function movePosition(
  database: Queryable,
  { scope, published, to, isWhole }: ScopeBehind & { to: FeedPosition; isWhole: boolean },
): Promise<boolean> {
  const values = [scope, to.at, to.version.toString(), to.key, isWhole];
  const { rowCount } = published
    ? await database.query(
        `UPDATE graph.feed_positions SET at = $2, version = $3, key = $4, is_whole = $5
          WHERE scope = $1 AND at = $6 AND version = $7 AND key = $8`,
        [...values, published.at, published.version.toString(), published.key],
      )
    : await database.query(
        `INSERT INTO graph.feed_positions (scope, at, version, key, is_whole) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
        values,
      );
  return rowCount === 1;
}

/** Seconds since the oldest history was written that is not published; 0 where there is none. */
export async function feedDelay(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ seconds: number }>(
    `SELECT coalesce(extract(epoch FROM clock_timestamp() - min(unpublished.at)), 0)::float8 AS seconds
       FROM graph.scopes AS known LEFT JOIN graph.feed_positions AS position USING (scope)
      CROSS JOIN LATERAL (
              SELECT min(change.at) AS at FROM graph.changes AS change
               WHERE change.scope = known.scope AND change.at >= coalesce(position.at, '-infinity')
                 AND (position.at IS NULL OR (change.at, change.version, change.key) > (position.at, position.version, position.key))) AS unpublished
      WHERE ${isBehind} AND known.purge_requested_at IS NULL`,
  );
  return Math.max(0, rows[0]?.seconds ?? 0);
}
