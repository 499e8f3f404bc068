import { create, toBinary, type JsonObject } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createPool, migrate } from '@orgtrail/database';
import { graph } from '@orgtrail/proto';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import fc from 'fast-check';
import { applyBatch } from './apply-batch.js';
import type { AppliedBatch } from './applied-batch.js';
import type { ReadRecord } from './read-record.js';
import type { AppliedChange } from './applied-change.js';
import type { ScopeChange } from './change.js';
import {
  accountChange,
  changesOf,
  delegationChange,
  endedChange,
  nodeChange,
  pendingGiven,
  recordOf,
  type GivenChange,
} from './changes.fixture.js';
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

async function apply(...changes: (GivenChange | ScopeChange)[]): Promise<AppliedBatch & { changes: AppliedChange[] }> {
  const records = changes.map((change): ReadRecord => {
    const record = recordOf(null, offset);
    offset += 1;
    return 'content' in change ? { record, change: pendingGiven(change) } : { record, scopeChange: change };
  });
  const position = { group: 'writer', topic: 'changes', partition: 0 };
  const applied = await applyBatch(database.pool, { position, records, now: new Date(), wantsDetails: true });
  return { ...applied, changes: changesOf(applied) };
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
const account = (version: number, properties: JsonObject = { email: 'owner@example.com' }, id = member) =>
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

  it('erases e-mail addresses however long that takes: of a history of millions it takes longer than any other statement may', async () => {
    await apply(account(1, { email: 'long@example.com' }));
    await database.pool.query(
      `CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.6); RETURN NULL; END $$;
       CREATE TRIGGER take_long BEFORE UPDATE ON graph.changes FOR EACH STATEMENT EXECUTE FUNCTION take_long()`,
    );
    const pool = createPool({ connectionString: database.connectionString, applicationName: 'test', statementTimeoutMs: 400 });
    try {
      const records = [{ record: recordOf(null, offset++), scopeChange: scopeChange(5, { purgeEmail: true }) }];
      await applyBatch(pool, { position: { group: 'writer', topic: 'changes', partition: 0 }, records, now: new Date() });
    } finally {
      await pool.end();
      await database.pool.query('DROP FUNCTION take_long CASCADE');
    }
    expect(await emails()).toEqual([]);
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

  it('keeps out an address that was read before the erasure and comes after it, and shows no difference for the mark', async () => {
    await apply(account(1), scopeChange(5, { purgeEmail: true }));
    await apply(account(3, { email: 'late@example.com' }));
    expect(await emails()).toEqual([]);
    await apply(account(6, { email: 'again@example.com' }));
    expect(await emails()).toHaveLength(2);
    expect(await rows(`SELECT property FROM graph.change_differences WHERE scope = $1 AND property = 'emailWithheld'`)).toEqual(
      [],
    );
  });

  it('leaves no address that is not newer than the erasure, in whichever order and batches the records come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 6 })
          .chain((purge) =>
            fc.tuple(
              fc.constant(purge),
              fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 6 }),
              fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
            ),
          ),
        async ([purge, order, cuts]) => {
          scope = crypto.randomUUID();
          let batch: (GivenChange | ScopeChange)[] = [];
          for (const [index, version] of order.entries()) {
            batch.push(
              version === purge
                ? scopeChange(version, { purgeEmail: true })
                : account(version, { email: `v${version}@example.com` }),
            );
            if (!cuts[index] && index < order.length - 1) continue;
            await apply(...batch);
            batch = [];
          }
          const left = await rows(`SELECT version::int FROM graph.changes
                                    WHERE scope = $1 AND (state -> 'properties') ? 'email' AND version <= ${purge}
                                     UNION ALL
                                   SELECT version::int FROM graph.entities
                                    WHERE scope = $1 AND properties ? 'email' AND version <= ${purge}`);
          expect(left).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('erases the addresses of every kind of entity', async () => {
    const organization = nodeChange('r-ab12', { scope, version: 1, name: 'o-exampleorgid' });
    if (organization.content.case === 'present' && organization.content.entity) {
      organization.content.entity.properties['managementAccountEmail'] = 'owner@example.com';
    }
    await apply(organization);
    await apply(scopeChange(2, { purgeEmail: true }));
    expect(
      await rows(`SELECT 1 FROM graph.entities WHERE scope = $1 AND properties::text LIKE '%@%'
                   UNION ALL SELECT 1 FROM graph.changes WHERE scope = $1 AND state::text LIKE '%@%'`),
    ).toEqual([]);
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

  it('tells whoever listens about every ending, with why, and what stood there', async () => {
    await apply(account(2), delegationChange(member, { scope, version: 3, services: ['guardduty.amazonaws.com'] }));
    const { changes } = await apply(scopeChange(4, { removed: true }));
    expect(changes.map(({ kind, subject, before }) => [kind, subject, before?.relationships.length])).toEqual([
      ['ENDED', `account:${member}`, 2],
      ['ENDED', `delegation:${member}`, 1],
    ]);
    expect(
      await rows(`SELECT DISTINCT live, ended_reason FROM graph.entities WHERE scope = $1
                   UNION SELECT DISTINCT live, ended_reason FROM graph.subjects WHERE scope = $1`),
    ).toEqual([{ live: false, ended_reason: 'INTEGRATION_REMOVED' }]);
  });

  it('drops what follows the removal in the same batch, and nothing before it', async () => {
    const other = crypto.randomUUID();
    const applied = await apply(
      account(2),
      scopeChange(4, { removed: true }),
      account(9),
      scopeChange(10, { purgeEmail: true }),
      accountChange(member, { scope: other, version: 9 }),
    );
    expect(applied.closed).toBe(2);
    expect(await rows(`SELECT kind, version::int FROM graph.changes WHERE scope = $1 ORDER BY version`)).toEqual([
      { kind: 'CREATED', version: 2 },
      { kind: 'ENDED', version: 4 },
    ]);
  });

  it('ends what has a later version than the removal after its last state, so that the history ends with the ending', async () => {
    await apply(account(8));
    const { changes } = await apply(scopeChange(4, { removed: true }));
    expect(changes).toMatchObject([{ kind: 'ENDED', version: 9n }]);
    expect(await rows(`SELECT * FROM graph.entities_as_of($1, 'infinity')`)).toEqual([]);
    expect(await rows(`SELECT version::int FROM graph.entities WHERE scope = $1`)).toEqual([{ version: 9 }]);
  });

  it('is stale when a newer one was applied', async () => {
    await apply(account(1), scopeChange(5, { purgeEmail: true }));
    expect(await apply(scopeChange(4, { removed: true }))).toMatchObject({ stale: 1, changes: [] });
    expect(await rows(`SELECT closed FROM graph.scopes WHERE scope = $1`)).toEqual([{ closed: false }]);
  });
});

describe('members in the graph', () => {
  const status = (memberStatus: string, more: Record<string, string | number> = {}) => ({
    memberStatus,
    memberReason: 'why',
    ...more,
  });
  const withMember = (version: number, properties: JsonObject) =>
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

  it('stand beside the account in graph.accounts, absent where there is no member', async () => {
    await apply(
      withMember(1, status('FAILED', { memberCause: 'ROLE_NOT_ASSUMABLE', memberSince: 1_790_000_000_000 })),
      accountChange('555566667777', { scope, version: 2 }),
    );
    expect(
      await rows(
        `SELECT account_id, member_status, member_cause, member_since FROM graph.accounts WHERE scope = $1 ORDER BY account_id`,
      ),
    ).toEqual([
      {
        account_id: member,
        member_status: 'FAILED',
        member_cause: 'ROLE_NOT_ASSUMABLE',
        member_since: new Date(1_790_000_000_000),
      },
      { account_id: '555566667777', member_status: null, member_cause: null, member_since: null },
    ]);
  });

  it('read as NULL where a property has an unexpected type', async () => {
    const odd = {
      memberStatus: 7,
      memberCause: ['a'],
      memberReason: { a: 1 },
      memberSince: 'yesterday',
      memberRoleArn: true,
      memberWarnings: 'odd',
      memberChangedBy: 1,
    };
    await apply(
      accountChange(member, { scope, version: 1, properties: odd }),
      accountChange('555566667777', { scope, version: 1, properties: { memberStatus: 'PENDING', memberSince: 1e300 } }),
    );
    const nothing = { status: null, cause: null, reason: null, since: null, role_arn: null, changed_by: null };
    expect(
      await rows(
        `SELECT status, cause, reason, since, role_arn, warnings, changed_by FROM graph.members WHERE scope = $1 ORDER BY account_id`,
      ),
    ).toEqual([
      { ...nothing, warnings: null },
      { ...nothing, status: 'PENDING', warnings: [] },
    ]);
    expect(await rows(`SELECT DISTINCT member_cause, member_since FROM graph.accounts WHERE scope = $1`)).toEqual([
      { member_cause: null, member_since: null },
    ]);
    expect(await rows(`SELECT to_status, cause, reason, changed_by FROM graph.member_transitions WHERE scope = $1`)).toEqual([
      { to_status: 'PENDING', cause: null, reason: null, changed_by: null },
    ]);
  });

  it('have a row where a cause changes alone, and one where the account leaves and returns', async () => {
    await apply(withMember(1, status('FAILED', { memberCause: 'ROLE_NOT_ASSUMABLE' })));
    await apply(withMember(2, status('FAILED', { memberCause: 'EXTERNAL_ID_NOT_ENFORCED' })));
    await apply(endedChange(`account:${member}`, { scope, version: 3 }));
    await apply(withMember(4, status('PENDING', { memberCause: 'TAGS_NOT_READ' })));
    expect(
      await rows(
        `SELECT account_id, from_status, to_status, cause FROM graph.member_transitions WHERE scope = $1 ORDER BY version`,
      ),
    ).toEqual([
      { account_id: member, from_status: null, to_status: 'FAILED', cause: 'ROLE_NOT_ASSUMABLE' },
      { account_id: member, from_status: 'FAILED', to_status: 'FAILED', cause: 'EXTERNAL_ID_NOT_ENFORCED' },
      { account_id: member, from_status: 'FAILED', to_status: null, cause: null },
      { account_id: member, from_status: null, to_status: 'PENDING', cause: 'TAGS_NOT_READ' },
    ]);
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
