import type pg from 'pg';

/** Records of a topic that are applied, by the writer's own offsets. */
export async function appliedRecords(pool: pg.Pool, topic: string): Promise<number> {
  const { rows } = await pool.query<{ applied: string }>(
    `SELECT coalesce(sum(next_offset), 0) AS applied FROM graph.consumer_offsets WHERE topic = $1`,
    [topic],
  );
  return Number(rows[0]?.applied ?? 0);
}

export interface RowCounts {
  entities: number;
  relationships: number;
  changes: number;
}

export async function countRows(pool: pg.Pool): Promise<RowCounts> {
  const { rows } = await pool.query<Record<keyof RowCounts, string>>(
    `SELECT (SELECT count(*) FROM graph.entities) AS entities, (SELECT count(*) FROM graph.relationships) AS relationships,
            (SELECT count(*) FROM graph.changes) AS changes`,
  );
  const [row] = rows;
  return { entities: Number(row?.entities), relationships: Number(row?.relationships), changes: Number(row?.changes) };
}
