import { setTimeout as delay } from 'node:timers/promises';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { decodeGraphChange } from '@orgtrail/graph-model';
import { createPostgresBus, type Bus, type Consumption, type IncomingRecord } from '@orgtrail/messaging';
import { graph, observation, topics } from '@orgtrail/proto';
import { createLogger, createMetrics, type Component } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { createAccountMapper } from './account-mapper.js';

const key = 'a3bb189e-8bf9-4888-9912-ace4e6543002';
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
let database: TestDatabase;
let bus: Bus;
let mapper: Component;
let reading: Consumption;
let seen: { topic: string; record: IncomingRecord }[];

beforeEach(async () => {
  database = await createTestDatabase();
  const logger = createLogger({ service: 'test', level: 'silent' });
  bus = await createPostgresBus({ pool: database.pool, logger });
  mapper = createAccountMapper({ bus, logger, meter: createMetrics().meter });
  await mapper.start();
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
  await mapper.stop();
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
