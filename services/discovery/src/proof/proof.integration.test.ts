import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { connectToAws, createEventPathWriter, createRoleVerifier, eventPathNames, type EventPathStep } from '@orgtrail/aws';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { createPostgresBus, type Bus } from '@orgtrail/messaging';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { createDiscovery, type Discovery, type DiscoveryOptions } from '../discovery.js';
import { setPaused } from '../integrations/administer.js';
import type { StoredIntegration } from '../integrations/integration.js';
import { selectIntegrations } from '../integrations/sql/select-integrations.js';
import { judgeEventPath } from './judge-event-path.js';
import { createDiscoveryMetrics, type DiscoveryMetrics, type IntegrationFigures } from './metrics.js';
import { readProof, type Proof } from './read-proof.js';
import { addDelays } from './sql/event-delays.js';
import { keepPathJudgement, selectKeptProof } from './sql/kept-proof.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let bus: Bus;
let simulator: Simulator;
let discovery: Discovery;
let metrics: ReturnType<typeof createDiscoveryMetrics>;
const connect = (role: object = {}) =>
  connectToAws({
    endpoint: simulator.endpoint,
    region: 'us-east-1',
    credentials: simulator.credentials,
    ...role,
    rateShare: 1000,
  });

const logger = createLogger({ service: 'test', level: 'silent' });
const discoveryOptions = (): DiscoveryOptions => ({
  pool: database.pool,
  bus,
  connect,
  verifier: () => createRoleVerifier({ endpoint: simulator.endpoint, credentials: simulator.credentials, membersPerSecond: 500 }),
  logger,
  metrics,
  given: { settings: { queueUrl: simulator.queueUrl, syncInterval: 'disabled' } },
  process: {
    missedChangeWindowSeconds: 2,
    membersPerSecond: 500,
    confirmation: { confirmAfterSeconds: [0.3], confirmNotFoundAfterSeconds: 0.3, maximumRetrySeconds: 1 },
  },
});

beforeEach(async () => {
  database = await createTestDatabase();
  bus = await createPostgresBus({ pool: database.pool, logger });
  simulator = await startSimulator({ seed: 23, accounts: 12, organizationalUnits: 3 });
  metrics = createDiscoveryMetrics(createMetrics().meter);
  discovery = createDiscovery(discoveryOptions());
  await discovery.start();
  await proofOnce(({ syncs, inSync }) => {
    expect(syncs.lastComplete).toBeDefined();
    expect(inSync.doubts.map(({ code }) => code)).not.toContain('not-watched');
  });
});
afterEach(async () => {
  await discovery.stop();
  await bus.close();
  await simulator.close();
  await database.drop();
});

async function stored(): Promise<StoredIntegration> {
  const [integration] = await selectIntegrations(database.pool);
  if (!integration) throw new Error('There is no integration.');
  return integration;
}
/** What the proof says as soon as it says this. */
async function proofOnce(expected: (proof: Proof) => void): Promise<Proof> {
  const giveUp = Date.now() + 20_000;
  for (;;) {
    const proof = await readProof(database.pool, await stored());
    try {
      expected(proof);
      return proof;
    } catch (error) {
      if (Date.now() > giveUp) throw error;
      await delay(100);
    }
  }
}
function tag(value: string): void {
  const resourceId = [...simulator.organization.accounts.keys()].at(-1) ?? '';
  simulator.actions.tagResource({ resourceId, tags: { Owner: value } });
}
const judgePath = async (): Promise<void> => {
  const integration = await stored();
  await keepPathJudgement(database.pool, integration.id, await judgeEventPath(integration, connect()));
};

it('an event that arrives is told, with its delay in three parts, and what was called of AWS', async () => {
  // Tags that are read for the first time are no change.
  await proofOnce(({ requests }) => expect(requests).toEqual({ due: 0, waiting: 0 }));
  tag('ana');
  await proofOnce(({ events }) => expect(events.state).toBe('arriving'));
  await delay(1_000);
  await addDelays(database.pool, metrics.takeDelays());
  const { delays, budget, events } = await proofOnce(({ delays: { ours } }) => expect(ours).toBeDefined());
  expect(events.sentence).toMatch(/^Events arrive: the last came \d+ s ago\.$/);
  for (const part of ['aws', 'queue', 'ours'] as const) expect(delays[part]).toMatchObject({ events: expect.any(Number) });
  // In the same process: what takes longer than a minute would be a wrong subtraction.
  for (const part of ['aws', 'queue', 'ours'] as const) expect(delays[part]?.max).toBeLessThan(60);
  const calls = budget.lastHour.find(({ operation }) => operation === 'ListAccounts');
  expect(calls?.calls).toBe(simulator.calls['ListAccounts']);
  expect(calls?.share).toBeGreaterThan(0);
  expect(budget.lastFullSync).toMatchObject({ ListAccounts: 1 });
});

it('a change whose event is lost is first open, then missed, and the sentence says that events are lost', async () => {
  await judgePath();
  simulator.setBehaviour({ lossRate: 1 });
  simulator.actions.createOrganizationalUnit({ parentId: simulator.organization.root.id, name: 'Unannounced' });
  await discovery.sync('full', 'test');
  const open = await proofOnce(({ unannounced }) => expect(unannounced.lastSync).toEqual({ created: { open: 1 } }));
  expect(open.events.state).not.toBe('lost');
  const lost = await proofOnce(({ unannounced }) => expect(unannounced.lastSync).toEqual({ created: { missed: 1 } }));
  expect(lost.unannounced.day).toEqual({ created: { missed: 1 } });
  expect(lost.unannounced.month).toEqual({ created: { missed: 1 } });
  expect(lost.events.state).toBe('lost');
  expect(lost.events.sentence).toMatch(
    /^Events are lost: 1 change of the last 24 h was found without an event, the last \d+ s ago, while the path is whole: /,
  );
});

async function takeAway(step: EventPathStep): Promise<void> {
  const { endpoint, credentials } = simulator;
  const writer = createEventPathWriter({ endpoint, credentials, region: 'us-east-1' });
  await writer.apply({ region: 'us-east-1', steps: [step], warnings: [], refusals: [], left: [], stopsEvents: true });
  writer.destroy();
}

it('a rule that does not send here, or is gone, is why events do not arrive', async () => {
  await judgePath();
  expect((await readProof(database.pool, await stored())).events).toMatchObject({ state: 'quiet', path: { state: 'whole' } });
  await takeAway({ kind: 'remove-target', targetId: eventPathNames.target });
  await judgePath();
  const { events } = await readProof(database.pool, await stored());
  expect(events.state).toBe('not-arriving');
  expect(events.sentence).toMatch(/^Events do not arrive: the rule does not send here: no target of it is the queue/);
  await takeAway({ kind: 'delete-rule' });
  await judgePath();
  expect((await readProof(database.pool, await stored())).events.sentence).toMatch(
    /^Events do not arrive: the rule that sends events: there is none in us-east-1/,
  );
});

it('whoever watches judges the way of the events by himself', async () => {
  const { events } = await proofOnce(({ events: { path } }) => expect(path).toBeDefined());
  expect(events).toMatchObject({ state: 'quiet', path: { state: 'whole' } });
});

it('a path that may not be read is unknown, never whole', async () => {
  simulator.setBehaviour({ denied: ['DescribeTrails'] });
  await judgePath();
  const { events } = await readProof(database.pool, await stored());
  expect(events).toMatchObject({ state: 'unknown', path: { state: 'unknown' } });
  expect(events.sentence).toContain('DescribeTrails');
});

it('is not proven while there is no graph, and says nothing of events that nobody takes in', async () => {
  const { inSync } = await proofOnce(({ inSync: { doubts } }) => expect(doubts.map(({ code }) => code)).toEqual(['no-graph']));
  expect(inSync.state).toBe('unproven');
  await setPaused(database.pool, (await stored()).id, true);
  const paused = await readProof(database.pool, await stored());
  expect(paused.events).toMatchObject({
    state: 'unknown',
    sentence: 'Nobody knows whether events arrive: the integration is paused.',
  });
  expect(paused.inSync.doubts.map(({ code }) => code)).toContain('not-watched');
});

it('is of no replica that is silent', async () => {
  await discovery.stop();
  const later = new Date(Date.now() + 10 * 60_000);
  const { inSync, events } = await readProof(database.pool, await stored(), later);
  expect(events.sentence).toMatch(/^Nobody knows whether events arrive: no replica has watched it for \d+ min/);
  expect(inSync.doubts.map(({ code }) => code)).toContain('not-watched');
});

it('gauges show nothing once the watch has not told it for 150 s', async () => {
  await discovery.stop();
  let shown = (): IntegrationFigures => ({});
  const observe: DiscoveryMetrics['observe'] = (_id, figures) => {
    shown = figures;
    return () => undefined;
  };
  discovery = createDiscovery({ ...discoveryOptions(), metrics: { ...metrics, observe } });
  await discovery.start();
  await proofOnce(() => expect(shown()).toHaveProperty('arrival'));
  const later = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 151_000);
  const figures = shown();
  later.mockRestore();
  expect(figures).toEqual({});
});

it('a queue that may not be read any more is why events do not arrive, and a doubt, until it may', async () => {
  await judgePath();
  simulator.setBehaviour({ denied: ['ReceiveMessage'] });
  // Ends the long poll that was let in before.
  tag('ana');
  const { events, inSync } = await proofOnce(({ events: { state } }) => expect(state).toBe('not-arriving'));
  expect(events.sentence).toMatch(/^Events do not arrive: the queue is not taken in: .*ReceiveMessage/);
  expect(inSync.doubts.map(({ code }) => code)).toContain('events-unread');
  simulator.setBehaviour({ denied: [] });
  // Ends the long poll, which is the news.
  tag('ben');
  await proofOnce(({ events: { state } }) => expect(state).not.toBe('not-arriving'));
});

it('nobody waits for AWS to judge the way of the events: not the rounds, and not the stop', async () => {
  const { path } = (await proofOnce(({ events: { path: judged } }) => expect(judged).toBeDefined())).events;
  await discovery.stop();
  simulator.setBehaviour({ latencyMs: { DescribeRule: 15_000 } });
  const begun = performance.now();
  discovery = createDiscovery(discoveryOptions());
  await discovery.start();
  const integration = await stored();
  const keptAt = async () => (await selectKeptProof(database.pool, integration.id))?.keptAt.getTime() ?? 0;
  const first = await keptAt();
  const giveUp = Date.now() + 10_000;
  while ((simulator.calls['DescribeRule'] ?? 0) < 2 || (await keptAt()) < first + 2_000) {
    if (Date.now() > giveUp) throw new Error('The rounds wait.');
    await delay(100);
  }
  await discovery.stop();
  expect(performance.now() - begun).toBeLessThan(14_000);
  // What was not judged is not kept.
  expect((await readProof(database.pool, integration)).events.path).toEqual(path);
});
