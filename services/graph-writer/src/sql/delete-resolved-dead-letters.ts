import type { Queryable } from '@orgtrail/database';

/** Deletes dead letters that were resolved so long ago, their contents with them. Returns how many. */
export async function deleteResolvedDeadLetters(
  database: Queryable,
  { olderThanDays }: { olderThanDays: number },
): Promise<number> {
  const { rowCount } = await database.query(
    `DELETE FROM graph.dead_letters WHERE id IN
            (SELECT id FROM graph.dead_letters WHERE resolved_at < now() - make_interval(days => $1) ORDER BY resolved_at LIMIT 10000)`,
    [olderThanDays],
  );
  return rowCount ?? 0;
}
