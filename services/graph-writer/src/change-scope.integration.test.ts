import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { graph } from '@orgtrail/proto';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { applyBatch, type AppliedBatch, type ReadRecord } from './apply-batch.js';
import type { IncomingChange, ScopeChange } from './change.js';
import { accountChange, delegationChange, endedChange, nodeChange, recordOf } from './changes.fixture.js';
import { ensureHistoryPartitions } from './history-months.js';
import { migrations } from './migrations/index.js';
import { parseChange } from './parse-change.js';

let database: TestDatabase;
let scope: string;
let offset = 0;
const member = '444455556666';

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
  await ensureHistoryPartitions(database.pool, new Date('2026-11-24T12:00:00Z'));
});
afterAll(() => database.drop());
beforeEach(() => {
  scope = crypto.randomUUID();
});

function apply(...changes: (IncomingChange | ScopeChange)[]): Promise<AppliedBatch> {
  const records = changes.map((change): ReadRecord => {
    const record = recordOf(null, offset);
    offset += 1;
    return 'content' in change ? { record, change } : { record, scopeChange: change };
  });
  return applyBatch(database.pool, { position: { group: 'writer', topic: 'changes', partition: 0 }, records, now: new Date() });
}
const scopeChange = (version: number, what: { removed?: boolean; purgeEmail?: boolean }): ScopeChange => ({
  scope,
  subject: 'integration',
  version: BigInt(version),
  observedAt: new Date(),
  cause: null,
  baseline: false,
  removed: false,
  purgeEmail: false,
  ...what,
});
const account = (version: number, properties: Record<string, string> = { email: 'owner@example.com' }, id = member) =>
  accountChange(id, { scope, version, properties });
const rows = async (sql: string) => (await database.pool.query(sql, [scope])).rows as unknown[];
const emails = () =>
  rows(`SELECT 'row' AS place, properties ->> 'email' AS email FROM graph.entities WHERE scope = $1 AND properties ? 'email'
         UNION ALL
        SELECT 'history', state #>> '{properties,email}' FROM graph.changes WHERE scope = $1 AND (state -> 'properties') ? 'email' ORDER BY 1`);

describe('a change of the whole scope', () => {
  it('is read from the bus', () => {
    const value = toBinary(
      graph.GraphChangeSchema,
      create(graph.GraphChangeSchema, {
        integrationId: scope,
        subject: 'integration',
        subjectVersion: 7n,
        observedAt: timestampFromMs(1_790_000_000_000),
        change: { case: 'scopeState', value: { removed: true, emailPurgedAt: timestampFromMs(1_790_000_000_000) } },
      }),
    );
    expect(parseChange(value)).toMatchObject({ subject: 'integration', version: 7n, removed: true, purgeEmail: true });
  });

  it('erases e-mail addresses from rows, tombstones and history, and marks where there was one', async () => {
    await apply(account(1), account(2, { email: 'new@example.com' }), account(3, { email: 'gone@example.com' }, '555566667777'));
    await apply(endedChange('account:555566667777', { scope, version: 4 }));
    expect(await emails()).toHaveLength(5);
    await apply(scopeChange(5, { purgeEmail: true }));
    expect(await emails()).toEqual([]);
    expect(
      await rows(
        `SELECT count(*)::int AS marked FROM graph.changes WHERE scope = $1 AND state #>> '{properties,emailWithheld}' = 'true'`,
      ),
    ).toEqual([{ marked: 3 }]);
  });

  it('leaves alone what was read after it, also in the same batch, and does nothing when it comes again', async () => {
    await apply(account(1), scopeChange(2, { purgeEmail: true }), account(3, { email: 'later@example.com' }));
    expect(await emails()).toEqual([
      { place: 'history', email: 'later@example.com' },
      { place: 'row', email: 'later@example.com' },
    ]);
    await apply(scopeChange(2, { purgeEmail: true }));
    expect(await emails()).toHaveLength(2);
  });

  it('ends everything when the integration was removed, with a row of history each, and drops what comes later', async () => {
    await apply(
      nodeChange('r-ab12', { scope, version: 1, name: 'Root' }),
      account(2),
      delegationChange(member, { scope, version: 3, services: ['guardduty.amazonaws.com'] }),
    );
    await apply(scopeChange(4, { removed: true }));
    expect(await rows(`SELECT count(*)::int AS live FROM graph.entities WHERE scope = $1 AND live`)).toEqual([{ live: 0 }]);
    expect(await rows(`SELECT count(*)::int AS live FROM graph.relationships WHERE scope = $1 AND live`)).toEqual([{ live: 0 }]);
    expect(await rows(`SELECT subject FROM graph.changes WHERE scope = $1 AND kind = 'ENDED' ORDER BY subject`)).toEqual([
      { subject: `account:${member}` },
      { subject: `delegation:${member}` },
      { subject: 'root:r-ab12' },
    ]);
    expect(await apply(account(9))).toMatchObject({ closed: 1, changes: [] });
    expect(await rows(`SELECT count(*)::int AS live FROM graph.entities WHERE scope = $1 AND live`)).toEqual([{ live: 0 }]);
  });
});

describe('members in the graph', () => {
  const status = (memberStatus: string, more: Record<string, string | number> = {}) => ({
    memberStatus,
    memberReason: 'why',
    ...more,
  });
  const withMember = (version: number, properties: Record<string, string | number>) =>
    accountChange(member, { scope, version, properties: { ...properties } });

  it('say in one SELECT which accounts are not connected, why, and since when', async () => {
    await apply(
      withMember(1, status('FAILED', { memberCause: 'ROLE_NOT_ASSUMABLE', memberSince: 1_790_000_000_000 })),
      accountChange('555566667777', { scope, version: 2, properties: status('CONNECTED', { memberSince: 'not a number' }) }),
      accountChange('666677778888', { scope, version: 3 }),
    );
    expect(
      await rows(`SELECT account_id, cause, reason, since FROM graph.members WHERE scope = $1 AND status <> 'CONNECTED'`),
    ).toEqual([{ account_id: member, cause: 'ROLE_NOT_ASSUMABLE', reason: 'why', since: new Date(1_790_000_000_000) }]);
    expect(await rows(`SELECT since FROM graph.members WHERE scope = $1 AND status = 'CONNECTED'`)).toEqual([{ since: null }]);
  });

  it('keep how they came to it', async () => {
    await apply(withMember(1, status('PENDING', { memberCause: 'NOT_VERIFIED' })));
    await apply(withMember(2, status('CONNECTED')));
    await apply(withMember(3, status('CONNECTED', { name: 'renamed' })));
    await apply(withMember(4, status('SKIPPED', { memberCause: 'TAGGED', memberChangedBy: 'arn:ana' })));
    expect(
      await rows(
        `SELECT from_status, to_status, cause, changed_by FROM graph.member_transitions WHERE scope = $1 ORDER BY version`,
      ),
    ).toEqual([
      { from_status: null, to_status: 'PENDING', cause: 'NOT_VERIFIED', changed_by: null },
      { from_status: 'PENDING', to_status: 'CONNECTED', cause: null, changed_by: null },
      { from_status: 'CONNECTED', to_status: 'SKIPPED', cause: 'TAGGED', changed_by: 'arn:ana' },
    ]);
  });
});
