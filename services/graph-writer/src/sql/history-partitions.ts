import type pg from 'pg';

export interface HistoryPartition {
  /** For example `changes_2026_11`. */
  name: string;
  /** Version before which its rows lie; undefined of the default partition, which has what no other has. */
  until: bigint | undefined;
}

/** All partitions of the history. */
export async function historyPartitions(client: pg.PoolClient): Promise<HistoryPartition[]> {
  const { rows } = await client.query<{ name: string; until: string | null }>(
    `SELECT child.relname AS name, substring(pg_get_expr(child.relpartbound, child.oid) FROM $$TO \\('?(-?\\d+)'?\\)$$) AS until
       FROM pg_inherits AS link JOIN pg_class AS child ON child.oid = link.inhrelid
      WHERE link.inhparent = 'graph.changes'::regclass
      ORDER BY child.relname`,
  );
  return rows.map(({ name, until }) => ({ name, until: until === null ? undefined : BigInt(until) }));
}
