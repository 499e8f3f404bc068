import type pg from 'pg';
import type { DeadLetter } from '../dead-letters/dead-letter.js';
import { replayedFrom } from '../dead-letters/replay-header.js';

/**
 * Keeps dead letters; one that is there already stays as it is, and of a scope that is purged, or is to be, none is kept any more. Returns those that
 * are new.
 */
export async function insertDeadLetters(client: pg.PoolClient, letters: readonly DeadLetter[]): Promise<DeadLetter[]> {
  if (letters.length === 0) return [];
  const rows = letters.map((letter) => ({
    topic: letter.topic,
    partition: letter.partition,
    offset: letter.offset.toString(),
    group_name: letter.group,
    code: letter.code,
    message: letter.message,
    record_key: letter.recordKey,
    record_value: letter.recordValue === null ? null : Buffer.from(letter.recordValue).toString('base64'),
    headers: letter.headers,
    failed_at: letter.failedAt.toISOString(),
    replay_of: replayedFrom(letter.headers),
  }));
  const inserted = await client.query<{ topic: string; partition: number; offset: string }>(
    `INSERT INTO graph.dead_letters
            (topic, partition, "offset", group_name, code, message, record_key, record_value, headers, failed_at, replay_of)
     SELECT topic, partition, "offset", group_name, code, message, record_key, decode(record_value, 'base64'), headers, failed_at, replay_of
       FROM json_to_recordset($1::json)
         AS failed (topic text, partition integer, "offset" bigint, group_name text, code text, message text, record_key text,
                    record_value text, headers jsonb, failed_at timestamptz, replay_of bigint)
      WHERE NOT EXISTS (SELECT FROM graph.scopes AS known WHERE known.scope = record_key AND known.purge_requested_at IS NOT NULL)
      ORDER BY topic, partition, "offset"
         ON CONFLICT (topic, partition, "offset") DO NOTHING
  RETURNING topic, partition, "offset"`,
    [JSON.stringify(rows)],
  );
  const isNew = new Set(inserted.rows.map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`));
  return letters.filter(({ topic, partition, offset }) => isNew.has(`${topic}/${partition}/${offset.toString()}`));
}
