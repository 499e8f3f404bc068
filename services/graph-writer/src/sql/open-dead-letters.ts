import type { Queryable } from '@orgtrail/database';
import type { BusPosition } from './consumer-offsets.js';

/** The codes by offset, from `from` on, of this partition's records that became dead letters of this group and that nobody has resolved. */
export async function openDeadLetters(database: Queryable, position: BusPosition, from: bigint): Promise<Map<bigint, string>> {
  const { rows } = await database.query<{ offset: string; code: string }>(
    `SELECT "offset", code FROM graph.dead_letters
      WHERE topic = $1 AND partition = $2 AND group_name = $3 AND "offset" >= $4 AND resolved_at IS NULL`,
    [position.topic, position.partition, position.group, from.toString()],
  );
  return new Map(rows.map(({ offset, code }) => [BigInt(offset), code]));
}
