import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import type { Integration } from '../integrations/integration.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { migrations } from '../migrations/index.js';
import { askFullSync, askLightSync } from './sql/sync-asks.js';
import { finishSync } from './sql/sync-runs.js';
import { claimSync, releaseSync, renewSync, type SyncClaim } from './sql/sync-claims.js';

let database: TestDatabase;
let integration: Integration;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());
beforeEach(async () => {
  integration = await insertTestIntegration(database.pool, '111122223333');
});

const hour = { intervalSeconds: 3600, lightSyncsBetween: 3, syncNow: false, leaseSeconds: 12 };
const claim = (options: Partial<typeof hour> = {}) => claimSync(database.pool, integration.id, { ...hour, ...options });
/** The last full and light sync ended so many seconds ago. */
const synced = (ago: { full: number; light?: number }) =>
  database.pool.query(
    `UPDATE discovery.integrations
        SET baseline_at = clock_timestamp(), full_sync_lease_until = NULL, sync_claim = NULL, unfinished_sync = NULL,
            last_full_sync_at = clock_timestamp() - make_interval(secs => $2),
            last_light_sync_at = clock_timestamp() - make_interval(secs => $3)
      WHERE id = $1`,
    [integration.id, ago.full, ago.light ?? null],
  );
const release = (claimed: SyncClaim | undefined, succeeded = true) =>
  releaseSync(database.pool, integration.id, { ...claimed!, succeeded });

describe('syncs by schedule', () => {
  it('are full by the interval, up to a tenth earlier, and not before', async () => {
    const after = async (seconds: number) => {
      await synced({ full: seconds });
      return claim({ lightSyncsBetween: 0 });
    };
    expect(await after(3200)).toBeUndefined();
    expect(await after(3605)).toMatchObject({ kind: 'full', reason: 'schedule' });
    let early = 0;
    for (let turn = 0; turn < 40; turn += 1) if (await after(3300 + turn * 5)) early += 1;
    expect(early).toBeGreaterThan(0);
    expect(early).toBeLessThan(40);
  });

  it('are light in between, evenly spread, and none where there is no schedule', async () => {
    await synced({ full: 800 });
    expect(await claim()).toBeUndefined();
    await synced({ full: 905 });
    expect(await claim()).toMatchObject({ kind: 'light', reason: 'schedule' });
    await synced({ full: 1700, light: 800 });
    expect(await claim()).toBeUndefined();
    await synced({ full: 1810, light: 905 });
    expect(await claim()).toMatchObject({ kind: 'light' });
    await synced({ full: 3605, light: 905 });
    expect(await claim()).toMatchObject({ kind: 'full' });
    await synced({ full: 99_999 });
    expect(await claimSync(database.pool, integration.id, { ...hour, intervalSeconds: undefined })).toBeUndefined();
  });

  it('begin with a full one, whatever is asked for', async () => {
    await askLightSync(database.pool, integration.id, 'somebody');
    expect(await claim()).toMatchObject({ kind: 'full', reason: 'first', isBaseline: true });
  });
});

describe('an asking', () => {
  it('is answered by a sync of its kind, and one for a light sync by a full one too', async () => {
    await synced({ full: 10 });
    await askLightSync(database.pool, integration.id, 'light please');
    const light = await claim();
    expect(light).toMatchObject({ kind: 'light', reason: 'light please' });
    await askFullSync(database.pool, integration.id, 'full please');
    await release(light);
    await askLightSync(database.pool, integration.id, 'light again');
    const full = await claim();
    expect(full).toMatchObject({ kind: 'full', reason: 'full please' });
    await release(full);
    expect(await claim()).toBeUndefined();
  });

  it('stays when somebody asked again meanwhile', async () => {
    await synced({ full: 10 });
    await askFullSync(database.pool, integration.id, 'first');
    const first = await claim();
    await askFullSync(database.pool, integration.id, 'second');
    await release(first);
    expect(await claim()).toMatchObject({ reason: 'second' });
  });
});

describe('a sync that did not succeed', () => {
  it('stays due, of the same kind', async () => {
    await synced({ full: 10 });
    await release(await claim({ syncNow: true }), false);
    const again = await claim();
    expect(again).toMatchObject({ kind: 'full', reason: 'unfinished' });
    await release(again);
    await askLightSync(database.pool, integration.id, 'light');
    await release(await claim(), false);
    expect(await claim()).toMatchObject({ kind: 'light' });
  });

  it('is taken over when the lease of its process runs out, and not before; the former owner then has no say', async () => {
    await synced({ full: 10 });
    const killed = await claim({ syncNow: true });
    const renewal = { claimId: killed!.id, leaseSeconds: 12, progress: undefined };
    expect(await renewSync(database.pool, integration.id, renewal)).toBe(true);
    expect(await claim()).toBeUndefined();
    await database.pool.query(
      `UPDATE discovery.integrations SET full_sync_lease_until = full_sync_lease_until - interval '12 seconds' WHERE id = $1`,
      [integration.id],
    );
    const heir = await claim();
    expect(heir).toMatchObject({ kind: 'full', reason: 'unfinished' });
    expect(await renewSync(database.pool, integration.id, renewal)).toBe(false);
    await release(killed);
    expect(await claim()).toBeUndefined();
    await release(heir);
  });
});

describe('what the integration shows', () => {
  const shown = async () => (await selectIntegration(database.pool, integration.id))!;

  it('is how far a sync is, for as long as its lease lasts', async () => {
    const progress = {
      kind: 'full',
      startedAt: '2026-11-01T00:00:00.000Z',
      accounts: 400,
      of: 1000,
      organizationalUnits: 3,
    } as const;
    const { id: claimId } = (await claim())!;
    await renewSync(database.pool, integration.id, { claimId, leaseSeconds: 12, progress });
    expect((await shown()).runningSync).toEqual(progress);
    await renewSync(database.pool, integration.id, { claimId, leaseSeconds: -1, progress });
    expect((await shown()).runningSync).toBeUndefined();
  });

  it('is when syncs ended, and what they could not read', async () => {
    const findings = {
      incompleteBecause: [],
      walkIncompleteBecause: [],
      problems: [{ read: 'tag:GetResources', error: 'denied' }],
    };
    await finishSync(database.pool, integration.id, { id: '1', kind: 'light', outcome: 'complete', summary: {}, findings });
    expect(await shown()).toMatchObject({ lastLightSyncAt: expect.any(Date), syncFindings: findings });
    expect((await shown()).lastFullSyncAt).toBeUndefined();
    await finishSync(database.pool, integration.id, { id: '1', kind: 'full', outcome: 'failed', summary: {} });
    expect((await shown()).lastFullSyncAt).toBeUndefined();
    expect((await shown()).syncFindings).toEqual(findings);
  });
});
