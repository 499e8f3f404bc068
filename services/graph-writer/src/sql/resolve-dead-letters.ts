import type { Queryable } from '@orgtrail/database';
import type pg from 'pg';
import { deadLetterColumns, type Resolution } from './select-dead-letters.js';
import type { WholeDeadLetter } from './select-dead-letter.js';

/** Which open dead letters: these, those of a code, or all. */
export type Chosen = { ids: readonly string[] } | { code: string } | { all: true };

/** Number of the newest dead letter; what fails after it is not part of what is being resolved. */
export async function newestDeadLetter(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ id: string }>('SELECT coalesce(max(id), 0)::text AS id FROM graph.dead_letters');
  return rows[0]?.id ?? '0';
}

/** Locks the oldest open ones that are chosen, behind `after` and up to `upTo`. Those that somebody else resolves at this moment are left to him. */
export async function lockOpenDeadLetters(
  client: pg.PoolClient,
  chosen: Chosen,
  { after, upTo, limit }: { after: string; upTo: string; limit: number },
): Promise<WholeDeadLetter[]> {
  const { rows } = await client.query<WholeDeadLetter>(
    `SELECT ${deadLetterColumns}, record_value AS "recordValue", headers
       FROM graph.dead_letters
      WHERE resolved_at IS NULL AND id > $1 AND id <= $2
        AND ($3::bigint[] IS NULL OR id = ANY ($3)) AND ($4::text IS NULL OR code = $4)
      ORDER BY dead_letters.id
      LIMIT $5
        FOR UPDATE SKIP LOCKED`,
    [after, upTo, 'ids' in chosen ? chosen.ids : null, 'code' in chosen ? chosen.code : null, limit],
  );
  return rows;
}

export async function resolveDeadLetters(
  client: pg.PoolClient,
  ids: readonly string[],
  { resolution, by }: { resolution: Resolution; by: string },
): Promise<void> {
  await client.query(
    `UPDATE graph.dead_letters SET resolved_at = clock_timestamp(), resolution = $2, resolved_by = $3 WHERE id = ANY ($1::bigint[])`,
    [ids, resolution, by],
  );
}
