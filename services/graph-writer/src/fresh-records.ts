import type pg from 'pg';
import type { ReadRecord } from './read-record.js';
import { storePosition, type AppliedOffset, type BusPosition } from './sql/consumer-offsets.js';

/**
 * Below the stored offset a record was applied before. Unless the bus took it later than the last record that was applied: then the
 * topic was created anew, or the bus is another one, and its offsets began at 0 again. Should that be misjudged, the subjects'
 * versions still see to it that nothing is applied twice.
 */
export function freshRecords(
  records: readonly ReadRecord[],
  offset: AppliedOffset | undefined,
): { fresh: readonly ReadRecord[]; topicBeganAnew: boolean } {
  if (!offset) return { fresh: records, topicBeganAnew: false };
  const below = records.filter(({ record }) => record.offset < offset.nextOffset);
  const topicBeganAnew = below.some(({ record }) => record.timestamp > offset.lastRecordAt);
  return {
    fresh: topicBeganAnew ? records : records.filter(({ record }) => record.offset >= offset.nextOffset),
    topicBeganAnew,
  };
}

/** Stores, in the transaction that applied them, that everything up to the last of these is applied. */
export async function storeOffsetBehind(
  client: pg.PoolClient,
  applied: {
    position: BusPosition;
    fresh: readonly ReadRecord[];
    before: AppliedOffset | undefined;
    touched: { scopes: readonly string[]; at: string };
  },
): Promise<void> {
  const { position, fresh, before, touched } = applied;
  const last = fresh.at(-1)?.record;
  if (last === undefined) return;
  // Clocks of producers differ: the newest time counts, not the last.
  let lastRecordAt = before?.lastRecordAt ?? 0;
  for (const { record } of fresh) lastRecordAt = Math.max(lastRecordAt, record.timestamp);
  await storePosition(client, position, { nextOffset: last.offset + 1n, lastRecordAt }, touched);
}
