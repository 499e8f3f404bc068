import type pg from 'pg';

/**
 * Advances the versions of the subjects whose content is what it was read as last: of the staged heads from `first` to `last`. Resolves to the
 * numbers of those. What somebody altered by hand is none of them (`graph.forget_content`).
 */
export async function confirmUnchanged(
  client: pg.PoolClient,
  { first, last }: { first: number; last: number },
): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<{ confirmed: number[] }>({
    name: 'confirm-unchanged',
    text: `WITH confirmed AS (
             UPDATE graph.subjects AS stored
                SET version = heads.version
               FROM heads
              WHERE heads.i BETWEEN $1 AND $2 AND stored.scope = heads.scope AND stored.subject = heads.subject
                AND stored.live AND stored.content_hash = heads.content_hash AND stored.version < heads.version
          RETURNING heads.i)
           SELECT coalesce(json_agg(i), '[]') AS confirmed FROM confirmed`,
    values: [first, last],
  });
  return new Set(rows[0]?.confirmed);
}

/** Of the staged heads those whose content seems to be what was read last. Without a lock that may change until they are confirmed. */
export async function seemUnchanged(client: pg.PoolClient): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<{ unchanged: number[] }>({
    name: 'seem-unchanged',
    text: `SELECT coalesce(json_agg(heads.i), '[]') AS unchanged
             FROM heads JOIN graph.subjects AS stored ON stored.scope = heads.scope AND stored.subject = heads.subject
            WHERE stored.live AND stored.content_hash = heads.content_hash`,
  });
  return new Set(rows[0]?.unchanged);
}
