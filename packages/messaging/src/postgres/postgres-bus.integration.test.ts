import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createPool } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { silent } from '../contract/connect.js';
import { createRecorder, eventually } from '../contract/recorder.js';
import type { Bus, OutgoingRecord } from '../port.js';
import { createPostgresBus, type PostgresBusOptions } from './postgres-bus.js';
import { appendRecords } from './sql/append-records.js';
import { boundIdleTime } from './sql/bound-idle-time.js';
import { lockGroup } from './sql/group-members.js';

jest.setTimeout(120_000);

const topic = 'orgtrail.observations.v1';
const forEver = 3_600_000;
const numbered = (number: number): OutgoingRecord => ({ key: 'organization', value: Buffer.from(`${number}`) });

describe('the bus in Postgres', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  const buses: Bus[] = [];
  beforeEach(async () => {
    database = await createTestDatabase();
    pool = createPool({ connectionString: database.connectionString, applicationName: 'bus', max: 8 });
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
    await pool.end();
    await database.drop();
  });
  const connect = async (tuning: PostgresBusOptions['tuning'] = {}, partitions = 1): Promise<Bus> => {
    const bus = await createPostgresBus({ pool, logger: silent, tuning });
    buses.push(bus);
    await bus.ensureTopics([{ topic, partitions }]);
    return bus;
  };

  it('gives no reader a record before the smaller offsets are committed', async () => {
    const bus = await connect();
    const recorder = createRecorder();
    await bus.consume({ topics: [topic], group: 'g', onBatch: recorder.onBatch }).ready;

    const slow = await database.pool.connect();
    await slow.query('BEGIN');
    await appendRecords(slow, topic, [{ partition: 0, record: numbered(0) }]);
    let overtook = false;
    const fast = bus.publish(topic, [numbered(1)]).then(() => (overtook = true));
    await eventually('the second publisher waits for the first', async () => {
      const { rowCount } = await database.pool.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'bus'`,
      );
      return rowCount === 1;
    });
    expect(overtook).toBe(false);
    expect(recorder.seen).toEqual([]);
    await slow.query('COMMIT');
    slow.release();
    await fast;
    await eventually('both arrived', () => recorder.seen.length === 2);
    expect(recorder.seen.map(({ offset, value }) => [offset, String(value)])).toEqual([
      [0n, '0'],
      [1n, '1'],
    ]);
  });

  it('leaves no gap in the offsets when a publisher fails before its commit', async () => {
    const bus = await connect();
    await bus.publish(topic, [numbered(0)]);
    const failing = await database.pool.connect();
    await failing.query('BEGIN');
    await appendRecords(failing, topic, [{ partition: 0, record: numbered(666) }]);
    failing.release(new Error('the process died'));
    await bus.publish(topic, [numbered(1)]);
    const { rows } = await database.pool.query(
      'SELECT record_offset, convert_from(value, $1) AS value FROM bus.records ORDER BY 1',
      ['utf8'],
    );
    expect(rows).toEqual([
      { record_offset: '0', value: '0' },
      { record_offset: '1', value: '1' },
    ]);
  });

  it('gives offsets without gap or repetition to many publishers at once', async () => {
    const publishers = [await connect({}, 3), await connect(), await connect(), await connect()];
    await Promise.all(
      publishers.map(async (bus, publisher) => {
        for (let number = 0; number < 40; number += 1) {
          await bus.publish(
            topic,
            [...Array(5).keys()].map((at) => ({ key: `${publisher} ${number} ${at}`, value: null })),
          );
        }
      }),
    );
    const { rows } = await database.pool.query<{ whole: boolean; count: number }>(
      `SELECT p.partition, p.next_offset = count(*) AND min(r.record_offset) = 0 AND max(r.record_offset) = count(*) - 1 AS whole, count(*)::int
       FROM bus.partitions p JOIN bus.records r USING (topic, partition) GROUP BY p.topic, p.partition ORDER BY 1`,
    );
    expect(rows.map(({ whole }) => whole)).toEqual([true, true, true]);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(4 * 40 * 5);
  });

  it('is not held up by a member that froze in the middle of its turn', async () => {
    const bus = await connect({ leaseMs: 600 });
    const frozen = await database.pool.connect();
    frozen.on('error', () => undefined); // Postgres ends it
    await frozen.query('BEGIN');
    await boundIdleTime(frozen, 600);
    await lockGroup(frozen, 'g');
    await bus.consume({ topics: [topic], group: 'g', onBatch: () => Promise.resolve() }).ready;
    frozen.release(true);
  });

  it('is woken by the commit of another connection', async () => {
    const bus = await connect({ pollMs: forEver });
    const publisher = await connect();
    const recorder = createRecorder();
    await bus.consume({ topics: [topic], group: 'g', onBatch: recorder.onBatch }).ready;
    await eventually('it listens', async () => {
      const { rowCount } = await database.pool.query(
        `SELECT FROM pg_stat_activity WHERE query LIKE '%LISTEN bus_records%' AND state = 'idle'`,
      );
      return rowCount === 2;
    });
    await publisher.publish(topic, [numbered(0)]);
    await eventually('it arrived', () => recorder.seen.length === 1, 10_000);
  });

  it('finds by polling what no notification told', async () => {
    const bus = await connect();
    const recorder = createRecorder();
    await bus.consume({ topics: [topic], group: 'g', onBatch: recorder.onBatch }).ready;
    await database.pool.query(
      `INSERT INTO bus.records (topic, partition, record_offset, key, headers) VALUES ('${topic}', 0, 0, 'k', '{}');
       UPDATE bus.partitions SET next_offset = 1`,
    );
    await eventually('it arrived', () => recorder.seen.length === 1, 10_000);
  });

  it('goes on, and loses nothing, when all its connections are cut again and again', async () => {
    const bus = await connect({ leaseMs: 2_000 }, 3);
    const recorder = createRecorder();
    const consumption = bus.consume({ topics: [topic], group: 'g', onBatch: recorder.onBatch });
    await consumption.ready;
    let cuts = 0;
    const published: number[] = [];
    for (let number = 0; number < 300; number += 1) {
      await bus.publish(topic, [{ key: `${number % 7}`, value: Buffer.from(`${number}`) }]);
      published.push(number);
      if (number % 30 !== 15) continue;
      const { rowCount } = await database.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bus' AND datname = current_database()`,
      );
      cuts += rowCount ?? 0;
    }
    expect(cuts).toBeGreaterThan(10);
    await eventually('all arrived', () => new Set(recorder.texts()).size === published.length);
    for (const key of ['0', '1', '2', '3', '4', '5', '6']) {
      const firstAppearances = [
        ...new Set(recorder.seen.filter((record) => record.key === key).map(({ value }) => Number(String(value)))),
      ];
      expect(firstAppearances).toEqual(published.filter((number) => `${number % 7}` === key));
    }
    await eventually('all is committed', async () => (await bus.lag('g', [topic]))[topic] === 0n);
    await bus.ping();
  });

  it('keeps its lease while it finishes the batch in hand, so that nobody takes the partition meanwhile', async () => {
    const leaseMs = 600;
    const [busy, other] = [await connect({ leaseMs }), await connect({ leaseMs })];
    await busy.publish(topic, [numbered(0), numbered(1)]);
    let handling = false;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const consumption = busy.consume({
      topics: [topic],
      group: 'g',
      maxBatchSize: 1,
      onBatch: async () => {
        handling = true;
        await released;
      },
    });
    await eventually('it is busy', () => handling);
    const recorder = createRecorder();
    other.consume({ topics: [topic], group: 'g', onBatch: recorder.onBatch });
    const stopped = consumption.stop();
    await sleep(3 * leaseMs);
    const takenMeanwhile = recorder.texts();
    release();
    await stopped;
    expect(takenMeanwhile).toEqual([]);
    await eventually('the other goes on behind it', () => recorder.seen.length > 0);
    expect(recorder.texts()).toEqual(['1']);
  });

  it('rejects done when the database refuses for good', async () => {
    const bus = await connect({ leaseMs: 600 });
    const consumption = bus.consume({ topics: [topic], group: 'g', onBatch: () => Promise.resolve() });
    await consumption.ready;
    // Listened to before: the consumer may hear of it sooner than whoever dropped the table.
    const refused = expect(consumption.done).rejects.toMatchObject({ name: 'BusError', code: 'BUS_REFUSED', retriable: false });
    await database.pool.query('DROP TABLE bus.group_offsets');
    await refused;
  });

  it('refuses a record that Postgres cannot hold, alone', async () => {
    const bus = await connect();
    const odd = bus.publish(topic, [{ key: 'a\u0000b', value: null }]);
    const fine = bus.publish(topic, [numbered(1)]);
    await expect(odd).rejects.toMatchObject({ code: 'BUS_REFUSED', retriable: false });
    await fine;
    expect(await bus.lag('g', [topic])).toEqual({ [topic]: 1n });
  });

  it('deletes records older than their topic keeps them, and only those', async () => {
    const bus = await connect({ retentionEveryMs: 50 });
    await bus.ensureTopics([{ topic: 'short', partitions: 1, retentionMs: 60_000 }]);
    for (const name of [topic, 'short']) await bus.publish(name, [0, 1, 2].map(numbered));
    await database.pool.query(`UPDATE bus.records SET published_at = now() - interval '2 minutes' WHERE record_offset < 2`);
    await eventually('two are gone', async () => {
      const { rows } = await database.pool.query(
        `SELECT topic, record_offset::int AS at FROM bus.records ORDER BY topic, record_offset`,
      );
      return JSON.stringify(rows.filter(({ topic: of }) => of === 'short')) === JSON.stringify([{ topic: 'short', at: 2 }]);
    });
    expect(await bus.lag('g', [topic, 'short'])).toEqual({ [topic]: 3n, short: 1n });
    const recorder = createRecorder();
    bus.consume({ topics: ['short'], group: 'g', onBatch: recorder.onBatch });
    await eventually('the one that is left arrived', () => recorder.seen.length === 1);
    expect(recorder.seen[0]?.offset).toBe(2n);
  });

  it('bounds a batch of large values by bytes', async () => {
    const bus = await connect();
    const large = Buffer.alloc(900_000, 'x');
    await bus.publish(
      topic,
      Array.from({ length: 15 }, () => ({ key: 'organization', value: large })),
    );
    const recorder = createRecorder();
    bus.consume({ topics: [topic], group: 'g', onBatch: recorder.onBatch });
    await eventually('all arrived', () => recorder.seen.length === 15);
    expect(Math.max(...recorder.batchSizes)).toBeLessThanOrEqual(6);
  });
});
