import { isTransient } from '@orgtrail/database';
import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBackoff } from '../backoff.js';
import { describeError } from '../describe-error.js';
import { BusError, type BusLogger, type OutgoingRecord } from '../port.js';
import { busErrorOf } from './bus-error-of.js';
import { partitionOf } from './murmur2.js';
import { appendRecords } from './sql/append-records.js';
import { selectPartitionCount } from './sql/topics.js';

/** A database that is away is waited for; a commit whose answer was lost is repeated, so records may be there twice. */
export function createPostgresPublisher(
  pool: pg.Pool,
  logger: BusLogger,
  retryForMs: number,
): (topic: string, records: readonly OutgoingRecord[]) => Promise<void> {
  const partitionCounts = new Map<string, number>();

  const append = async (topic: string, records: readonly OutgoingRecord[]): Promise<void> => {
    const partitions = partitionCounts.get(topic) ?? (await selectPartitionCount(pool, topic));
    if (partitions === undefined) {
      throw new BusError(`There is no topic ${topic}`, { code: 'UNKNOWN_TOPIC', retriable: false });
    }
    partitionCounts.set(topic, partitions); // it never changes
    const placed = records.map((record) => ({ partition: partitionOf(record.key, partitions), record }));
    await appendRecords(pool, topic, placed);
  };

  return async (topic, records) => {
    const deadline = performance.now() + retryForMs;
    const backoff = createBackoff({ firstMs: 50, longestMs: 1_000 });
    for (;;) {
      try {
        await append(topic, records);
        return;
      } catch (error) {
        if (!isTransient(error) || performance.now() > deadline) throw busErrorOf(error, `publishing to ${topic}`);
        const waitMs = backoff.nextMs();
        logger.warn({ topic, waitMs, error: describeError(error) }, 'The database is away: publishing waits for it');
        await sleep(waitMs);
      }
    }
  };
}
