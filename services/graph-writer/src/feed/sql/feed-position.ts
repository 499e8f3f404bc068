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

/** Scopes with history that was not published, the one that waits longest first. What is being purged is told to nobody any more. */
export async function scopesBehind(database: Queryable): Promise<ScopeBehind[]> {
  const { rows } = await database.query<{ scope: string; at: string | null; version: string; key: string }>(
    `SELECT known.scope, position.at::text AS at, position.version, position.key
       FROM graph.scopes AS known LEFT JOIN graph.feed_positions AS position USING (scope)
      WHERE (known.last_applied_at > position.at OR (position.at IS NULL AND known.last_applied_at IS NOT NULL))
        AND known.purge_requested_at IS NULL
      ORDER BY position.at NULLS FIRST`,
  );
  return rows.map(({ scope, at, version, key }) => ({
    scope,
    published: at === null ? undefined : { at, version: BigInt(version), key },
  }));
}

/**
 * Moves the position of a scope from where it was: false when somebody else has moved it meanwhile. Only after the bus has acknowledged what stands
 * before it.
 */
export async function movePosition(
  database: Queryable,
  { scope, published, to }: ScopeBehind & { to: FeedPosition },
): Promise<boolean> {
  const values = [scope, to.at, to.version.toString(), to.key];
  const { rowCount } = published
    ? await database.query(
        `UPDATE graph.feed_positions SET at = $2, version = $3, key = $4
          WHERE scope = $1 AND at = $5 AND version = $6 AND key = $7`,
        [...values, published.at, published.version.toString(), published.key],
      )
    : await database.query(
        `INSERT INTO graph.feed_positions (scope, at, version, key) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
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
               WHERE change.scope = known.scope AND change.at > coalesce(position.at, '-infinity')) AS unpublished
      WHERE known.last_applied_at > coalesce(position.at, '-infinity') AND known.purge_requested_at IS NULL`,
  );
  return Math.max(0, rows[0]?.seconds ?? 0);
}
