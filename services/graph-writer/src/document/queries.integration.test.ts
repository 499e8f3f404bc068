import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { inTransaction, migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { applyBatch } from '../apply-batch.js';
import type { ScopeChange } from '../change.js';
import {
  accountChange,
  delegationChange,
  endedChange,
  nodeChange,
  pendingGiven,
  recordOf,
  scope as folded,
  type GivenChange,
} from '../changes.fixture.js';
import { foldHistory } from '../fold-history.js';
import { ensureHistoryPartitions } from '../history-months.js';
import { migrations } from '../migrations/index.js';
import { purgeScopes } from '../purge-scopes.js';
import { askPurge } from '../sql/purge-scope.js';

/**
 * The questions of docs/queries, asked of a database that has lived: an organization whose old months were folded, a young one, one whose integration was
 * removed, and one that was purged. What they answer on the demo is tested where it runs (acceptance/src/queries.integration.test.ts).
 */

jest.setTimeout(60_000);

const young = '11111111-1111-4888-9912-ace4e6543002';
const removed = '22222222-1111-4888-9912-ace4e6543002';
const purged = '33333333-1111-4888-9912-ace4e6543002';
const day = 86_400_000;
const longAgo = Date.now() - 400 * day;
/** The unit for which 10.sql asks. */
const unit = 'ou-bpv2-i1floif0';
const ana = 'arn:aws:sts::111122223333:assumed-role/admin/ana';

const folder = new URL('../../../../docs/queries/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .sort();

let database: TestDatabase;
let offset = 0;

const version = (time: number, step = 0): bigint => BigInt(time) * 1000n + BigInt(step);

async function apply(...changes: (GivenChange | ScopeChange)[]): Promise<void> {
  await applyBatch(database.pool, {
    position: { group: 'writer', topic: 'changes', partition: 0 },
    records: changes.map((change) => {
      const record = recordOf(null, offset++);
      return 'content' in change ? { record, change: pendingGiven(change) } : { record, scopeChange: change };
    }),
    now: new Date(),
  });
}
const removal = (scope: string): ScopeChange => ({
  scope,
  subject: 'integration',
  version: version(Date.now(), 900),
  observedAt: new Date(),
  cause: null,
  baseline: false,
  removed: true,
  purgeEmail: false,
});

/** What a reader is told; a refusal is thrown. */
async function ask(sql: string): Promise<Record<string, unknown>[]> {
  return inTransaction(database.pool, async (client) => {
    await client.query('SET TRANSACTION READ ONLY');
    await client.query('SET LOCAL ROLE orgtrail_reader');
    return (await client.query<Record<string, unknown>>(sql)).rows;
  });
}
const query = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
  for (const time of [longAgo, Date.now()]) await ensureHistoryPartitions(database.pool, new Date(time));

  const then = (step: number) => ({ scope: folded, version: version(longAgo, step) });
  await apply(
    nodeChange('r-ab12', { ...then(0), name: 'Root', baseline: true }),
    accountChange('000000000001', { ...then(0), baseline: true }),
    accountChange('000000000002', { ...then(0), baseline: true }),
  );
  await apply(
    accountChange('000000000001', { ...then(1), properties: { status: 'SUSPENDED' } }),
    endedChange('account:000000000002', { ...then(1), reason: 'LEFT' }),
  );
  await database.pool.query('UPDATE graph.changes SET at = $1', [new Date(longAgo)]);
  expect(await foldHistory(database.pool, { now: new Date(), months: 1, feedIsOn: false })).toMatchObject({
    outcome: 'folded',
    rows: { kept: 3, folded: 5 },
  });

  for (const scope of [young, removed, purged]) {
    const now = (step: number) => ({ scope, version: version(Date.now(), step) });
    const created = now(0);
    const cause = { eventId: 'e-1', eventName: 'CreateAccount', principalArn: ana };
    const explained = { ...now(400), cause, explainedVersion: created.version };
    await apply(
      nodeChange('r-ab12', { ...now(0), name: 'Root', baseline: true }),
      nodeChange(unit, { ...now(0), name: 'Workloads', parent: 'r-ab12', baseline: true }),
      accountChange('000000000011', { ...created, parent: unit, name: 'payments' }),
    );
    // Its event came after the sync that found it.
    await apply(accountChange('000000000011', { ...explained, parent: unit, name: 'payments' }));
    await apply(delegationChange('000000000011', { ...now(500), services: ['config.amazonaws.com'] }));
  }
  await apply(removal(removed), removal(purged));
  await inTransaction(database.pool, (client) => askPurge(client, purged));
  await purgeScopes(database.pool, { signal: new AbortController().signal });
});
afterAll(() => database.drop());

describe('a database with a folded, a removed and a purged organization', () => {
  it.each(files)('is no reason for docs/queries/%s to fail', async (file) => {
    expect(await ask(query(file))).toBeInstanceOf(Array);
  });

  it('has each who joined once, with the event that came late', async () => {
    expect(await ask(query('02.sql'))).toMatchObject([
      { account_id: '000000000011', name: 'payments', event: 'CreateAccount', who: ana },
      { account_id: '000000000011', name: 'payments', event: 'CreateAccount', who: ana },
    ]);
  });

  it('gives no time where the change itself was folded', async () => {
    expect(await ask(query('05.sql'))).toEqual([
      { account_id: '000000000001', name: 'account 000000000001', status: 'SUSPENDED', event: null, who: null, at: null },
    ]);
  });

  it('has no account as departed whose integration was removed', async () => {
    expect(await ask(query('09.sql'))).toMatchObject([{ account_id: '000000000002', ended_reason: 'LEFT' }]);
  });

  it('tells what a unit holds, whatever the histories of other organizations reach, and refuses to tell what it held before its own begins', async () => {
    expect(await ask(query('10.sql'))).toEqual([{ account_id: '000000000011', name: 'payments', status: 'ACTIVE' }]);
    await expect(ask(`SELECT * FROM graph.as_of('${folded}', '2020-01-01Z')`)).rejects.toMatchObject({ code: 'OT001' });
    await expect(ask(query('10.sql').replace('now()', `'2020-01-01Z'`))).rejects.toMatchObject({
      code: 'OT001',
      message: expect.stringContaining(young),
    });
  });
});
