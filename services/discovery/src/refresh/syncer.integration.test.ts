import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase } from '@orgtrail/testkit';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { describeCondition } from '../integrations/describe-condition.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { createDiscoveryMetrics } from '../proof/metrics.js';
import { startSyncedOrganization, type SyncedOrganization } from './sync.fixture.js';
import { askFullSync, askLightSync } from './sql/sync-asks.js';
import { createSyncer, type SyncEnd, type Syncer } from './syncer.js';

jest.setTimeout(60_000);

let organization: SyncedOrganization;
let ended: SyncEnd[];
beforeEach(async () => {
  organization = await startSyncedOrganization(await createTestDatabase(), { seed: 13, accounts: 45, organizationalUnits: 4 });
  ended = [];
});
afterEach(() => organization.stop());

const syncer = (): Syncer => {
  const { database, integration, aws } = organization;
  return createSyncer({
    pool: database.pool,
    integration,
    reader: (signal, onAttempt) => aws.reader('sync', signal, onAttempt),
    callsPerSecond: (operation) => aws.allowedPerSecond(operation),
    settings: {
      lightSyncsBetween: 0,
      confirmation: { confirmAfterSeconds: [30, 300], confirmNotFoundAfterSeconds: 30, maximumRetrySeconds: 300 },
    },
    start: { syncs: false, isBaseline: true },
    metrics: createDiscoveryMetrics(createMetrics().meter),
    logger: createLogger({ service: 'test', level: 'silent' }),
    onMerged: () => undefined,
    onSynced: (result) => ended.push(result),
  });
};
const never = new AbortController().signal;
const stored = async () => (await selectIntegration(organization.database.pool, organization.integration.id))!;
const sql = (text: string) => organization.database.pool.query(text);

describe('who syncs an organization', () => {
  it('begins its history with the first full sync, and then has nothing to do until it is asked', async () => {
    const one = syncer();
    expect(one.isBaseline()).toBe(true);
    expect(await one.syncWhenDue(never)).toBe(1);
    expect(one.isBaseline()).toBe(false);
    expect(await one.syncWhenDue(never)).toBe(0);
    expect(ended).toMatchObject([{ kind: 'full', reason: 'first', summary: { complete: true, accounts: 45 } }]);
  });

  it('answers who waits for a light sync by any sync, and who waits for a full one by a full one only', async () => {
    const { database, integration } = organization;
    const one = syncer();
    await one.syncWhenDue(never);
    const full = one.next('full');
    const light = one.next('light');
    await askLightSync(database.pool, integration.id, 'test');
    await one.syncWhenDue(never);
    expect(await light).toMatchObject({ kind: 'light' });
    expect(await Promise.race([full, delay(50, 'still waiting')])).toBe('still waiting');
    await askFullSync(database.pool, integration.id, 'test');
    await one.syncWhenDue(never);
    expect(await full).toMatchObject({ kind: 'full' });
  });

  it('fails nobody who waits for a sync that was never asked for', async () => {
    const one = syncer();
    const unhandled: unknown[] = [];
    const note = (error: unknown): unknown => unhandled.push(error);
    process.on('unhandledRejection', note);
    void one.next('full');
    organization.simulator.setBehaviour({ failing: { ListAccounts: 'html' } });
    await expect(one.syncWhenDue(never)).rejects.toThrow();
    await delay(20);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('says in a sentence of the condition what was not read, and says so no more once it was', async () => {
    const one = syncer();
    organization.simulator.setBehaviour({ denied: ['GetResources'] });
    await one.syncWhenDue(never);
    const { message } = describeCondition(await stored());
    expect(message).toContain('The bulk tag index could not be read, so full syncs read tags one by one: ');
    organization.simulator.setBehaviour({ denied: [] });
    await askLightSync(organization.database.pool, organization.integration.id, 'test');
    await one.syncWhenDue(never);
    expect(describeCondition(await stored()).message).not.toContain('tag index');
  });

  it('shows how far it is while it syncs, with the seconds left', async () => {
    await syncer().syncWhenDue(never);
    await askFullSync(organization.database.pool, organization.integration.id, 'test');
    organization.simulator.setBehaviour({ latencyMs: { ListAccounts: 1000 } });
    const syncing = syncer().syncWhenDue(never);
    await delay(2_600);
    expect((await stored()).runningSync).toMatchObject({
      kind: 'full',
      accounts: expect.any(Number),
      of: 45,
      secondsLeft: expect.any(Number),
    });
    await syncing;
    expect((await stored()).runningSync).toBeUndefined();
  });

  it('takes over from a process that was killed when its lease runs out; that one stops, should it still live', async () => {
    organization.simulator.setBehaviour({ latencyMs: { ListAccounts: 2_500 } });
    const former = syncer().syncWhenDue(never);
    await delay(500);
    expect(await syncer().syncWhenDue(never)).toBe(0);
    await sql(`UPDATE discovery.integrations SET full_sync_lease_until = clock_timestamp() - interval '1 second'`);
    organization.simulator.setBehaviour({ latencyMs: 0 });
    expect(await syncer().syncWhenDue(never)).toBe(1);
    expect(await former).toBe(0);
    // The one that was taken over tells nobody that the organization could not be read.
    expect(ended).toMatchObject([{ summary: { complete: true } }]);
    const { rows } = await organization.database.pool.query<{ outcome: string }>(
      `SELECT outcome FROM discovery.full_syncs ORDER BY id`,
    );
    expect(rows.map(({ outcome }) => outcome)).toEqual(['interrupted', 'complete']);
    expect(await syncer().syncWhenDue(never)).toBe(0);
  });

  it('keeps a sync due that was stopped, and says nothing about the integration', async () => {
    const stopping = new AbortController();
    organization.simulator.setBehaviour({ latencyMs: { ListAccounts: 1_000 } });
    const interrupted = syncer()
      .syncWhenDue(stopping.signal)
      .catch(() => 'interrupted');
    await delay(300);
    stopping.abort(new Error('stop'));
    expect(await interrupted).toBe('interrupted');
    expect(ended).toEqual([]);
    organization.simulator.setBehaviour({ latencyMs: 0 });
    expect(await syncer().syncWhenDue(never)).toBe(1);
  });
});
