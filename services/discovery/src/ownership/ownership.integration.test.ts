import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createLogger } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { integrationSettings } from '../integrations/settings.js';
import { insertIntegration } from '../integrations/sql/insert-integration.js';
import { migrations } from '../migrations/index.js';
import { createOwnership, type Ownership } from './ownership.js';
import { selectWatchers } from './sql/select-watchers.js';

jest.setTimeout(30_000);

// Longer than a busy machine takes for what stands between two renewals.
const leaseSeconds = 5;
let database: TestDatabase;
let integrations: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
  integrations = [];
});
afterEach(() => database.drop());

async function withIntegrations(count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    const id = randomUUID();
    integrations.push(id);
    await insertIntegration(database.pool, {
      id,
      settings: integrationSettings.parse({ name: `${number}` }),
      externalId: undefined,
    });
  }
}
async function replica(name?: string, now?: () => number): Promise<Ownership> {
  const ownership = createOwnership({
    pool: database.pool,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: { leaseTransition: () => undefined, observeOwned: () => () => undefined },
    leaseSeconds,
    name,
    ...(now ? { now } : {}),
  });
  await ownership.start();
  return ownership;
}
/** A round of each, and what is beyond the share given back, as the supervisor does it. */
async function rounds(...replicas: Ownership[]): Promise<number[]> {
  for (const one of replicas) {
    await one.round(integrations);
    for (const id of one.surplus()) await one.release(id);
  }
  return replicas.map((one) => one.held().length);
}
const heldBy = (...replicas: Ownership[]): string[] => replicas.flatMap((one) => one.held()).sort();

it('one replica has everything at once', async () => {
  await withIntegrations(5);
  expect(await rounds(await replica())).toEqual([5]);
});

it('several share fairly, each integration with one of them, and who has more gives back to who comes', async () => {
  await withIntegrations(5);
  const first = await replica();
  await rounds(first);
  const second = await replica();
  expect(await rounds(first, second)).toEqual([3, 2]);
  expect(heldBy(first, second)).toEqual([...integrations].sort());
  const third = await replica();
  expect((await rounds(first, second, third)).sort()).toEqual([1, 2, 2]);
  expect(heldBy(first, second, third)).toEqual([...integrations].sort());
});

it('none is had twice, however many ask at once', async () => {
  await withIntegrations(12);
  const replicas = await Promise.all(Array.from({ length: 4 }, () => replica()));
  while (heldBy(...replicas).length < integrations.length) {
    await Promise.all(replicas.map((one) => one.round(integrations)));
  }
  expect(heldBy(...replicas)).toEqual([...integrations].sort());
});

it('what a replica held is free at once when it leaves, and when its lease ran out', async () => {
  await withIntegrations(2);
  const [leaving, dying, staying] = [await replica(), await replica(), await replica()];
  await rounds(leaving, dying);
  await leaving.stop();
  expect(await rounds(staying)).toEqual([1]);
  // The dying one says nothing more.
  const diedAt = performance.now();
  while (staying.held().length < 2) {
    await rounds(staying);
    await delay(50);
  }
  expect(performance.now() - diedAt).toBeGreaterThan(500);
  expect(heldBy(staying)).toEqual([...integrations].sort());
});

it('a lease that ran out by our own clock is ours no more, whatever the database says, and comes back when nobody took it', async () => {
  await withIntegrations(1);
  let now = 0;
  const stopped = await replica(undefined, () => now);
  await rounds(stopped);
  const [id = ''] = integrations;
  expect(stopped.owns(id)).toBe(true);
  now += leaseSeconds * 1000;
  expect(stopped.owns(id)).toBe(false);
  await rounds(stopped);
  expect(stopped.owns(id)).toBe(true);
});

it('whoever wakes up late finds that another has it, and does not take it back', async () => {
  await withIntegrations(1);
  let now = 0;
  const asleep = await replica(undefined, () => now);
  await rounds(asleep);
  const other = await replica();
  while (!other.owns(integrations[0]!)) {
    await rounds(other);
    await delay(50);
  }
  now += 60_000;
  expect(await rounds(asleep, other)).toEqual([0, 1]);
});

it('a process that starts has at once what an earlier one of its name held, and the earlier one loses it', async () => {
  await withIntegrations(2);
  let now = 0;
  const killed = await replica('discovery-0', () => now);
  await rounds(killed);
  const restarted = await replica('discovery-0');
  expect(await rounds(restarted)).toEqual([2]);
  now += leaseSeconds * 500;
  await rounds(killed);
  expect(integrations.some((id) => killed.owns(id))).toBe(false);
  const watchers = await selectWatchers(database.pool);
  expect([...watchers.values()].map((watcher) => watcher.replica)).toEqual(['discovery-0', 'discovery-0']);
});

it('a claim is ours beyond the fair share where it is asked for, and never while another holds it', async () => {
  await withIntegrations(2);
  const [first, second] = [await replica(), await replica()];
  await rounds(first, second);
  const [firsts = '', seconds = ''] = [first.held()[0], second.held()[0]];
  expect(await first.claim(seconds)).toBe(false);
  await second.release(seconds);
  expect(await first.claim(seconds)).toBe(true);
  expect(await first.claim(firsts)).toBe(true);
  expect(first.surplus()).toEqual([seconds]);
});
