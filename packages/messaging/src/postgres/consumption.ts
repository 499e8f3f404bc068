import { randomUUID } from 'node:crypto';
import { isTransient } from '@orgtrail/database';
import type pg from 'pg';
import { createBackoff, pause } from '../backoff.js';
import { defer } from '../deferred.js';
import { describeError } from '../describe-error.js';
import type { BusLogger, Consumption, ConsumeOptions } from '../port.js';
import { createAlarm } from './alarm.js';
import { inBriefTransaction } from './brief-transaction.js';
import { busErrorOf } from './bus-error-of.js';
import { leaveGroup, takePart } from './membership.js';
import { readPartition, type PartitionReader } from './partition-reader.js';
import { renewMember } from './sql/group-members.js';
import type { Holding, TopicPartition } from './sql/group-offsets.js';
import { selectHeads } from './sql/topics.js';
import type { PostgresTuning } from './tuning.js';
import type { Sleeper, WakeUps } from './wake-ups.js';

const LEAVING_MS = 5_000;

/** One group member: renews its lease, keeps to its fair share of the partitions, and runs one reader for each that it holds. */
export function consumeFromPostgres(
  { pool, wakeUps, tuning, logger }: { pool: pg.Pool; wakeUps: WakeUps; tuning: PostgresTuning; logger: BusLogger },
  options: ConsumeOptions,
): Consumption {
  const { group, topics } = options;
  const member = randomUUID();
  const ready = defer<undefined>();
  const done = defer<undefined>();
  ready.promise.catch(() => undefined); // whoever does not wait for `ready` hears of the failure through `done`
  /** No new batches; then, when the last ones are handled and committed under the lease: out of the group. */
  const stopping = new AbortController();
  const leaving = new AbortController();
  const groupChanged = createAlarm();
  const readers = new Map<string, PartitionReader>();
  /** Handled to the end and to be released, in the next turn. */
  const surrendered = new Map<string, TopicPartition>();

  const fail = (error: unknown): void => {
    const failure = busErrorOf(error, `consuming as ${group}`);
    logger.error({ group, topics, error: describeError(failure) }, 'The consumer cannot go on');
    ready.reject(failure);
    done.reject(failure);
    stopping.abort();
  };

  const startReader = (held: Holding): void => {
    if (stopping.signal.aborted) return;
    const { topic, partition, epoch } = held;
    const place = placeOf(held);
    const claim = { group, member, topic, partition, epoch };
    const reader = readPartition({ pool, claim, startAt: held.nextOffset, leaseMs: tuning.leaseMs, options, logger });
    readers.set(place, reader);
    void reader.ended.catch(fail).then(() => {
      readers.delete(place);
      surrendered.set(place, { topic, partition });
      groupChanged.ring();
    });
  };

  const takeTurn = async (): Promise<void> => {
    const released = [...surrendered];
    const askedAt = performance.now();
    const { held, surplus, complete } = await inBriefTransaction(pool, tuning.leaseMs, (client) =>
      takePart(client, { group, member, topics, leaseMs: tuning.leaseMs, released: released.map(([, place]) => place) }),
    );
    for (const [place] of released) surrendered.delete(place);
    const holdings = new Map(held.map((holding) => [placeOf(holding), holding]));
    for (const [place, reader] of readers) {
      if (holdings.get(place)?.epoch === reader.claim.epoch) reader.confirm(askedAt);
      else reader.lose();
    }
    for (const [place, holding] of holdings) if (!readers.has(place) && !surrendered.has(place)) startReader(holding);
    for (const place of surplus) readers.get(placeOf(place))?.surrender();
    if (complete) ready.resolve(undefined);
  };

  const keepMembership = async (): Promise<void> => {
    const backoff = createBackoff();
    while (!leaving.signal.aborted) {
      try {
        await (stopping.signal.aborted ? renewMember(pool, { group, member, topics, leaseMs: tuning.leaseMs }) : takeTurn());
        backoff.reset();
        await groupChanged.wait(leaving.signal, tuning.leaseMs / 3);
      } catch (error) {
        if (!isTransient(error)) {
          fail(error);
          return;
        }
        const waitMs = backoff.nextMs();
        logger.warn({ group, waitMs, error: describeError(error) }, 'The database is away: the consumer waits for it');
        await pause(waitMs, leaving.signal);
      }
    }
  };

  /** What the notifications missed: nothing is lost with them but time. */
  const poll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pause(tuning.pollMs, stopping.signal);
      const heads = await selectHeads(pool, topics).catch(() => []); // the readers and the membership report what is wrong
      for (const head of heads) readers.get(placeOf(head))?.wake(head.nextOffset);
    }
  };

  const sleeper: Sleeper = {
    onRecords: (topic, partitions = []) => {
      if (topic === undefined) for (const reader of readers.values()) reader.wake();
      else for (const partition of partitions) readers.get(placeOf({ topic, partition }))?.wake();
    },
    onGroup: (name) => {
      if (name === undefined || name === group) groupChanged.ring();
    },
  };
  wakeUps.add(sleeper);
  const running = Promise.all([keepMembership(), poll()]);

  const windUp = async (): Promise<void> => {
    wakeUps.remove(sleeper);
    const ending = [...readers.values()];
    for (const reader of ending) reader.surrender();
    await Promise.allSettled(ending.map((reader) => reader.ended));
    leaving.abort();
    await running;
    await leaveGroup(pool, { group, member, patienceMs: LEAVING_MS }).catch((error: unknown) => {
      logger.warn({ group, error: describeError(error) }, 'The consumer stopped without telling its group');
    });
    ready.resolve(undefined);
    done.resolve(undefined);
  };
  let stopped: Promise<void> | undefined;
  stopping.signal.addEventListener(
    'abort',
    () => {
      stopped = windUp();
    },
    { once: true },
  );
  const stop = async (): Promise<void> => {
    stopping.abort();
    await stopped;
  };
  return { ready: ready.promise, done: done.promise, stop };
}

function placeOf({ topic, partition }: TopicPartition): string {
  return `${partition} of ${topic}`;
}
