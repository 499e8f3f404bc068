import type { Queryable } from '@orgtrail/database';

/** Of the server: `{ number: 180001, text: '18.1' }`. */
export async function selectDatabaseVersion(database: Queryable): Promise<{ number: number; text: string }> {
  const { rows } = await database.query<{ number: string; text: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS text`,
  );
  return { number: Number(rows[0]?.number), text: rows[0]?.text ?? 'unknown' };
}
