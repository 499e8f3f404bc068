import { setTimeout as delay } from 'node:timers/promises';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeGraphChange } from '@orgtrail/graph-model';
import {
  BusError,
  createPostgresBus,
  maxRecordBytes,
  type Bus,
  type Consumption,
  type IncomingRecord,
} from '@orgtrail/messaging';
import { graph, observation, topics, valueNotKeptHeader } from '@orgtrail/proto';
import { createLogger, createMetrics, DegradedError, type Component } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { createAccountMapper, type AccountMapperOptions } from './account-mapper.js';

const key = 'a3bb189e-8bf9-4888-9912-ace4e6543002';
/** Of another partition. */
const elsewhere = 'a3bb189e-8bf9-4888-9912-ace4e6543008';
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
let database: TestDatabase;
let bus: Bus;
let mapper: Component | undefined;
let reading: Consumption;
let seen: { topic: string; record: IncomingRecord }[];

const logger = createLogger({ service: 'test', level: 'silent' });

async function startMapper(given: Partial<AccountMapperOptions> = {}): Promise<void> {
  await mapper?.stop();
  mapper = createAccountMapper({ bus, logger, meter: createMetrics().meter, ...given });
  await mapper.start();
}

beforeEach(async () => {
  database = await createTestDatabase();
  bus = await createPostgresBus({ pool: database.pool, logger });
  mapper = undefined;
  await startMapper();
  seen = [];
  reading = bus.consume({
    topics: [topics.graphChanges, topics.deadLetters],
    group: 'test',
    onBatch: ({ topic, records }) => {
      seen.push(...records.map((record) => ({ topic, record })));
      return Promise.resolve();
    },
  });
  await reading.ready;
});
afterEach(async () => {
  await reading.stop();
  await mapper?.stop();
  await bus.close();
  await database.drop();
});

async function until(count: number): Promise<void> {
  for (let waited = 0; seen.length < count; waited += 50) {
    if (waited > 20_000) throw new Error(`Only ${seen.length} of ${count} records came.`);
    await delay(50);
  }
}
const observed = (id: string, version: bigint) =>
  toBinary(
    observation.ObservationSchema,
    create(observation.ObservationSchema, {
      integrationId: key,
      subject: `account:${id}`,
      subjectVersion: version,
      organization: { partition: 'aws', organizationId: 'o-exampleorgid', managementAccountId: '111122223333' },
      state: { case: 'account', value: { id, arn: 'arn', name: id, state: 'ACTIVE' } },
    }),
  );

it('turns observations into graph changes under the same key, in order, and passes the trace on', async () => {
  await bus.publish(
    topics.observations,
    [1n, 2n, 3n].map((version) => ({ key, value: observed('444455556666', version), headers: { traceparent } })),
  );
  await until(3);
  const changes = seen.map(({ record }) => decodeGraphChange(record.value!));
  expect(changes.map(({ subjectVersion }) => subjectVersion)).toEqual([1n, 2n, 3n]);
  expect(seen.map(({ record }) => [record.key, record.headers['traceparent']?.toString()])).toEqual(
    Array(3).fill([key, traceparent]),
  );
});

it('makes a dead letter of what it cannot read, with where it stood and without its content, and goes on', async () => {
  await bus.publish(topics.observations, [
    { key, value: new TextEncoder().encode('owner@example.com is no protobuf') },
    { key, value: null },
    { key, value: observed('not an account', 1n) },
    { key, value: observed('444455556666', 2n) },
  ]);
  await until(4);
  const letters = seen
    .filter(({ topic }) => topic === topics.deadLetters)
    .map(({ record }) => fromBinary(graph.DeadLetterSchema, record.value!));
  expect(letters.map(({ topic, offset, code }) => ({ topic, offset, code }))).toEqual([
    { topic: topics.observations, offset: 0n, code: 'UNPARSABLE' },
    { topic: topics.observations, offset: 1n, code: 'UNPARSABLE' },
    { topic: topics.observations, offset: 2n, code: 'CONTRACT_VIOLATION' },
  ]);
  expect(letters.map(({ message }) => message).join(' ')).not.toContain('@');
  expect(seen.filter(({ topic }) => topic === topics.graphChanges)).toHaveLength(1);
});

const nonsense = { key, value: Buffer.from('bad') };
const flood = (count: number) => bus.publish(topics.observations, Array<typeof nonsense>(count).fill(nonsense));
const seenOf = (topic: string) => seen.filter((one) => one.topic === topic).map(({ record }) => record);

describe('more than 20 in a row', () => {
  it('stop their partition alone, and nothing of it is published', async () => {
    await flood(21);
    await bus.publish(topics.observations, [{ key, value: observed('444455556666', 1n) }]);
    await bus.publish(topics.observations, [{ key: elsewhere, value: observed('444455556666', 2n) }]);
    await until(1);
    await delay(1_000);
    expect(seen.map(({ topic }) => topic)).toEqual([topics.graphChanges]);
    expect(decodeGraphChange(seen[0]!.record.value!).subjectVersion).toBe(2n);
    expect(() => mapper?.checks?.['partitions']?.()).toThrow(DegradedError);
    expect(() => mapper?.checks?.['partitions']?.()).toThrow(/stands still before offset 20\. .*21 in a row/);
  });

  it('become dead letters after it stood for long, and it goes on', async () => {
    await startMapper({ standSeconds: 1 });
    await flood(30);
    await bus.publish(topics.observations, [{ key, value: observed('444455556666', 1n) }]);
    await until(31);
    expect(seenOf(topics.deadLetters)).toHaveLength(30);
    expect(seenOf(topics.graphChanges)).toHaveLength(1);
    expect(() => mapper?.checks?.['partitions']?.()).not.toThrow();
  });
});

it('counts no bad record twice where the bus does not take its dead letter at once', async () => {
  let refusals = 0;
  const publish: Bus['publish'] = (topic, records) => {
    refusals += 1;
    if (refusals <= 2) throw new BusError('It is away.', { code: 'BUS_UNREACHABLE', retriable: true });
    return bus.publish(topic, records);
  };
  await startMapper({ bus: { ...bus, publish } });
  await flood(15);
  await until(15);
  expect(refusals).toBe(3);
  expect(() => mapper?.checks?.['partitions']?.()).not.toThrow();
});

it('makes a dead letter without its value of what is as large as the bus takes, and goes on', async () => {
  const size = maxRecordBytes - key.length;
  await bus.publish(topics.observations, [
    { key, value: Buffer.alloc(size, 255) },
    { key, value: observed('444455556666', 1n) },
  ]);
  await until(2);
  expect(seenOf(topics.graphChanges)).toHaveLength(1);
  const letter = fromBinary(graph.DeadLetterSchema, seenOf(topics.deadLetters)[0]!.value!);
  expect(letter).toMatchObject({ code: 'UNPARSABLE', offset: 0n, recordValue: new Uint8Array() });
  expect(letter.message).toMatch(
    /too large to keep \(1048540 bytes\): it lies in orgtrail\.observations\.v1, partition 3, offset 0/,
  );
  expect(Buffer.from(letter.headers[valueNotKeptHeader]!).toString()).toBe('1048540');
});
