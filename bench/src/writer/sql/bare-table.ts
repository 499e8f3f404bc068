import type pg from 'pg';

/** The same storage as the writer's entities have. */
export async function createTable(pool: pg.Pool): Promise<void> {
  await pool.query(
    `CREATE TABLE IF NOT EXISTS bare_entities (id text PRIMARY KEY, version bigint NOT NULL, properties jsonb NOT NULL) WITH (fillfactor = 80)`,
  );
}

export async function upsert(pool: pg.Pool, rows: string): Promise<void> {
  await pool.query({
    name: 'upsert',
    text: `INSERT INTO bare_entities AS stored (id, version, properties)
           SELECT id, version, properties FROM json_to_recordset($1::json) AS row (id text, version bigint, properties jsonb)
               ON CONFLICT (id) DO UPDATE SET version = excluded.version, properties = excluded.properties
            WHERE stored.version < excluded.version`,
    values: [rows],
  });
}
