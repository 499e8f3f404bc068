import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createLogger } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import type { Integration } from '../integrations/integration.js';
import { migrations } from '../migrations/index.js';
import { beginSync, finishSync, type SyncResult } from './sql/sync-runs.js';
import { createSyncCover, type SyncCover } from './sync-cover.js';

let database: TestDatabase;
let integration: Integration;
let cover: SyncCover;
let seconds: number;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());
beforeEach(async () => {
  integration = await insertTestIntegration(database.pool, '111122223333');
  seconds = 0;
  const logger = createLogger({ service: 'test', level: 'silent' });
  cover = createSyncCover({ pool: database.pool, integrationId: integration.id, logger, now: () => seconds * 1000 });
});

/** A sync takes longer to begin than the database's clock is rounded by. */
const begin = async () => {
  await delay(2);
  return (await beginSync(database.pool, integration.id, { kind: 'full', version: 1n, reason: 'test' })).id;
};
const finish = (id: string, outcome: SyncResult['outcome']) =>
  finishSync(database.pool, integration.id, { id, kind: 'full', outcome, summary: {} });
const waits = async (): Promise<boolean> => {
  seconds += 2;
  await cover.look();
  return cover.until() !== undefined;
};

describe('what waits for a full sync', () => {
  it('asks for one, and waits until it has succeeded', async () => {
    expect(await cover.begin()).toBe(true);
    const { rows } = await database.pool.query<{ full_sync_reason: string }>(
      'SELECT full_sync_reason FROM discovery.integrations WHERE id = $1 AND full_sync_ask IS NOT NULL',
      [integration.id],
    );
    expect(rows).toEqual([{ full_sync_reason: 'mass change' }]);
    const sync = await begin();
    expect(await waits()).toBe(true);
    await finish(sync, 'incomplete');
    expect(await waits()).toBe(false);
    expect(await cover.begin()).toBe(true);
  });

  it('waits for one that begins later: one that runs already has noted what it answers', async () => {
    const running = await begin();
    await cover.begin();
    await finish(running, 'complete');
    expect(await waits()).toBe(true);
    await finish(await begin(), 'complete');
    expect(await waits()).toBe(false);
  });

  it('waits no more when it failed, and for no other before one has succeeded', async () => {
    await cover.begin();
    await finish(await begin(), 'failed');
    expect(await waits()).toBe(false);
    expect(await cover.begin()).toBe(false);
    await finish(await begin(), 'failed');
    expect(await waits()).toBe(false);
    expect(await cover.begin()).toBe(false);
    await finish(await begin(), 'complete');
    expect(await waits()).toBe(false);
    expect(await cover.begin()).toBe(true);
  });

  it('waits for five minutes at most, however often it would be the cheapest read', async () => {
    await cover.begin();
    const sync = await begin();
    seconds += 290;
    expect(await waits()).toBe(true);
    seconds += 10;
    expect(await waits()).toBe(false);
    expect(await cover.begin()).toBe(false);
    await finish(sync, 'complete');
    expect(await waits()).toBe(false);
    expect(await cover.begin()).toBe(true);
  });
});
