import { readFileSync } from 'node:fs';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { applyBatch } from './apply-batch.js';
import {
  accountChange,
  accountKey,
  delegationChange,
  endedChange,
  nodeChange,
  nodeKey,
  pendingGiven,
  recordOf,
  scope,
  type GivenChange,
} from './changes.fixture.js';
import { migrations } from './migrations/index.js';
import { grantReaders } from './sql/grant-readers.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let offset = 0;
const apply = (...changes: GivenChange[]) =>
  applyBatch(database.pool, {
    position: { group: 'writer', topic: 'changes', partition: 0 },
    records: changes.map((change) => ({ record: recordOf(null, (offset += 1)), change: pendingGiven(change) })),
    now: new Date(),
  });

/** What a role reads, or the SQLSTATE of the refusal. */
async function as(role: string, sql: string, values: unknown[] = []): Promise<unknown> {
  const client = await database.pool.connect();
  try {
    await client.query(`BEGIN`);
    await client.query(`SET LOCAL ROLE ${role}`);
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

const person = 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_ab12/person@example.com';
const cause = { eventId: 'e1', eventName: 'TagResource', principalArn: person };

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
  await apply(
    nodeChange('r-ab12', { version: 1, name: 'Root' }),
    nodeChange('ou-work', { version: 2, name: 'Workloads', parent: 'r-ab12' }),
    accountChange('000000000001', {
      version: 10,
      parent: 'ou-work',
      properties: {
        email: 'one@example.com',
        managementAccountEmail: 'two@example.com',
        memberStatus: 'SKIPPED',
        'tag.Owner': 'team',
      },
    }),
    delegationChange('000000000001', { version: 11, services: ['guardduty.amazonaws.com'] }),
  );
  await apply(
    accountChange('000000000001', {
      version: 20,
      parent: 'ou-work',
      cause,
      properties: {
        email: 'three@example.com',
        memberStatus: 'SKIPPED',
        memberChangedBy: person,
        memberReason: `Tagged by ${person}`,
        memberWarnings: [`by ${person}`],
      },
    }),
  );
  await database.pool.query(
    `INSERT INTO graph.entities (scope, key, subject, type, classes, display_name, properties, version, live, created_at, updated_at)
     VALUES ($1, 'h', 'handshake:h', 'aws_organization_handshake', '{Record}', 'h-1',
             '{"id":"h-1","status":"OPEN","email":"invited@example.com","requestedOn":1790000000000}', 1, true, now(), now())`,
    [scope],
  );
  await database.pool.query(
    `INSERT INTO graph.dead_letters (topic, partition, "offset", group_name, code, message, record_value, headers, failed_at)
     VALUES ('t', 0, 1, 'g', 'x', 'm', 'dead@example.com', '{}', now())`,
  );
});
afterAll(() => database.drop());

/** Every relation of the schema, partitions included, and every function that people call. */
async function everything(): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'graph'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') ORDER BY 1`,
  );
  return [
    ...rows.map(({ name }) => `graph.${name}`),
    `graph.as_of('${scope}', now())`,
    `graph.entities_as_of('${scope}', now())`,
    `graph.account_as_of('${scope}', '000000000001', now())`,
    `graph.account_history('000000000001')`,
    `graph.account_path('${scope}', '000000000001')`,
    `graph.subtree('${scope}', 'r-ab12')`,
  ];
}

describe('orgtrail_reader', () => {
  it('finds no address in anything that it may read, and reads the graph all the same', async () => {
    const read: string[] = [];
    for (const from of await everything()) {
      const found = await as('orgtrail_reader', `SELECT * FROM ${from}`);
      if (found === '42501') continue;
      expect(JSON.stringify(found)).not.toContain('@example.com');
      expect(found).not.toEqual([]);
      read.push(from);
    }
    expect(read.length).toBeGreaterThan(15);
  });

  it.each(['entities', 'changes', 'changes_default', 'dead_letters'])('may not read graph.%s', async (table) => {
    expect(await as('orgtrail_reader', `SELECT * FROM graph.${table}`)).toBe('42501');
  });

  it('is not told an address by a function of its own that is asked before the view has spoken', async () => {
    const leak = `CREATE FUNCTION pg_temp.leak(value text) RETURNS boolean COST 0.0001 LANGUAGE plpgsql AS $$ BEGIN
      IF value LIKE '%@example.com%' THEN RAISE EXCEPTION 'seen'; END IF; RETURN true; END $$`;
    const client = await database.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('SET LOCAL ROLE orgtrail_reader');
      await client.query(leak);
      await client.query(`SELECT 1 FROM graph.inventory WHERE pg_temp.leak(properties::text) AND pg_temp.leak(cause::text)`);
      await client.query(`SELECT 1 FROM graph.accounts WHERE pg_temp.leak(email)`);
      await client.query(`SELECT 1 FROM graph.history WHERE pg_temp.leak(state::text)`);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('is not told an address by what he has Postgres take for its own types and functions', async () => {
    const address = { email: expect.stringContaining('@') };
    const asked = [
      `SELECT properties ->> 'email' AS email FROM graph.inventory`,
      `SELECT state #>> '{properties,email}' AS email FROM graph.history`,
      `SELECT properties ->> 'email' AS email FROM graph.as_of('${scope}', now())`,
      `SELECT email FROM graph.accounts`,
      `SELECT who AS email FROM graph.account_history('000000000001')`,
      `SELECT changed_by AS email FROM graph.members`,
    ];
    const client = await database.pool.connect();
    try {
      await client.query('BEGIN');
      // As databases have it that came from PostgreSQL 14.
      await client.query('GRANT CREATE ON SCHEMA public TO orgtrail_reader');
      await client.query('SET LOCAL ROLE orgtrail_reader');
      await client.query(
        `CREATE DOMAIN pg_temp.text AS "char";
         CREATE FUNCTION public.has_table_privilege(name, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
         CREATE FUNCTION public.position(text, text) RETURNS integer LANGUAGE sql AS 'SELECT 0';
         CREATE FUNCTION public.jsonb_typeof(jsonb) RETURNS text LANGUAGE sql AS $$ SELECT 'none'::text $$;
         SET LOCAL search_path = pg_temp, public, pg_catalog`,
      );
      for (const sql of asked) expect((await client.query(sql)).rows).not.toContainEqual(address);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('needs no new grant for a new month of the history', async () => {
    await database.pool.query(`CREATE TABLE graph.changes_2000_01 PARTITION OF graph.changes FOR VALUES FROM (30) TO (40)`);
    await apply(accountChange('000000000002', { version: 35, parent: 'ou-work', properties: { email: 'four@example.com' } }));
    expect(
      await as('orgtrail_reader', `SELECT state #>> '{properties,email}' AS email FROM graph.history WHERE version = 35`),
    ).toEqual([{ email: null }]);
    expect(await as('orgtrail_reader', `SELECT * FROM graph.changes_2000_01`)).toBe('42501');
  });

  it('writes nothing', async () => {
    expect(await as('orgtrail_reader', `UPDATE graph.accounts SET name = 'x'`)).not.toEqual([]);
    expect(await as('orgtrail_reader', `DELETE FROM graph.scopes`)).toBe('42501');
  });
});

describe('orgtrail_reader_pii', () => {
  it('reads addresses where they are', async () => {
    expect(await as('orgtrail_reader_pii', `SELECT email FROM graph.accounts WHERE account_id = '000000000001'`)).toEqual([
      { email: 'three@example.com' },
    ]);
    expect(await as('orgtrail_reader_pii', `SELECT email FROM graph.invitations`)).toEqual([{ email: 'invited@example.com' }]);
    expect(
      await as(
        'orgtrail_reader_pii',
        `SELECT properties ->> 'email' AS email FROM graph.account_as_of($1, '000000000001', now())`,
        [scope],
      ),
    ).toEqual([{ email: 'three@example.com' }]);
    expect(
      await as('orgtrail_reader_pii', `SELECT who FROM graph.account_history('000000000001') WHERE property = 'email'`),
    ).toEqual([{ who: person }]);
  });
  it('may not read dead letters, which hold records as they came', async () => {
    expect(await as('orgtrail_reader_pii', `SELECT * FROM graph.dead_letters`)).toBe('42501');
  });
});

describe('roles', () => {
  it('that are missing are named, and the rest is granted; granting again changes nothing', async () => {
    const { rows } = await database.pool.query(`SELECT graph.grant_readers('orgtrail_nobody', 'orgtrail_reader_pii') AS missing`);
    expect(rows).toEqual([{ missing: ['orgtrail_nobody'] }]);
    const before = await database.pool.query(
      `SELECT relname, xmin::text FROM pg_class WHERE relnamespace = 'graph'::regnamespace ORDER BY 1`,
    );
    expect(await grantReaders(database.pool)).toEqual([]);
    const after = await database.pool.query(
      `SELECT relname, xmin::text FROM pg_class WHERE relnamespace = 'graph'::regnamespace ORDER BY 1`,
    );
    expect(after.rows).toEqual(before.rows);
  });
  it('are there after the script for administrators, however often it is run', async () => {
    const script = readFileSync(new URL('../../../docs/reader-roles.sql', import.meta.url), 'utf8');
    await database.pool.query(script);
    await database.pool.query(script);
    expect(await as('orgtrail_reader', 'SELECT count(*)::int AS count FROM graph.scopes')).toEqual([{ count: 1 }]);
  });
  it('that the migrating user may not make are left to an administrator', async () => {
    expect(await as('orgtrail_reader', `SELECT graph.make_reader_role('orgtrail_nobody') AS made`)).toEqual([{ made: false }]);
    expect(await as('orgtrail_reader', `SELECT graph.make_reader_role('orgtrail_reader') AS made`)).toEqual([{ made: true }]);
  });
});

describe('what people ask', () => {
  const rows = async (sql: string, values: unknown[] = []) =>
    (await database.pool.query<Record<string, unknown>>(sql, values)).rows;

  it('graph.organizational_units counts accounts directly and below, and says where a unit hangs', async () => {
    await apply(
      nodeChange('ou-deep', { version: 100, name: 'Deep', parent: 'ou-work' }),
      nodeChange('ou-lost', { version: 101, name: 'Lost', parent: 'ou-unknown' }),
      accountChange('000000000003', { version: 102, parent: 'ou-deep' }),
    );
    expect(
      await rows(
        `SELECT id, parent_id, path, complete, accounts_directly::int AS directly, accounts_below::int AS below, tags
           FROM graph.organizational_units WHERE scope = $1 ORDER BY id`,
        [scope],
      ),
    ).toEqual([
      { id: 'ou-deep', parent_id: 'ou-work', path: 'Root/Workloads/Deep', complete: true, directly: 1, below: 1, tags: {} },
      { id: 'ou-lost', parent_id: 'ou-unknown', path: 'ou-unknown/Lost', complete: false, directly: 0, below: 0, tags: {} },
      { id: 'ou-work', parent_id: 'r-ab12', path: 'Root/Workloads', complete: true, directly: 2, below: 3, tags: {} },
    ]);
  });

  it.each(['ou-work', nodeKey('ou-work')])('graph.subtree has what lives below %s, with its depth', async (ou) => {
    expect(await rows(`SELECT depth, id, parent_id FROM graph.subtree($1, $2) ORDER BY depth, id`, [scope, ou])).toEqual([
      { depth: 0, id: 'ou-work', parent_id: 'r-ab12' },
      { depth: 1, id: '000000000001', parent_id: 'ou-work' },
      { depth: 1, id: '000000000002', parent_id: 'ou-work' },
      { depth: 1, id: 'ou-deep', parent_id: 'ou-work' },
      { depth: 2, id: '000000000003', parent_id: 'ou-deep' },
    ]);
  });

  it('graph.account_path says of one account what graph.account_paths says of all', async () => {
    await apply(
      accountChange('000000000004', { version: 110, parent: 'ou-lost' }),
      accountChange('000000000005', { version: 111, parent: 'r-none' }),
    );
    const all = await rows(
      `SELECT key, account_id, display_name, ids, names, path, complete FROM graph.account_paths WHERE scope = $1 ORDER BY key`,
      [scope],
    );
    expect(all.length).toBe(5);
    const one = await rows(
      `SELECT path.* FROM graph.accounts AS account CROSS JOIN LATERAL graph.account_path(account.scope, account.account_id) AS path ORDER BY path.key`,
    );
    expect(one).toEqual(all);
  });

  it('graph.delegated_administrators reads a time of an unexpected type as NULL', async () => {
    for (const [given, expected] of [
      ['1790000000000', new Date(1_790_000_000_000)],
      ['"yesterday"', null],
      ['1e300', null],
    ] as const) {
      await database.pool.query(
        `UPDATE graph.subjects SET relationships = jsonb_set(relationships, '{0,properties,delegationEnabledOn}', $1::jsonb) WHERE subject LIKE 'delegation:%'`,
        [given],
      );
      expect(await rows(`SELECT account_id, service_principal, since FROM graph.delegated_administrators`)).toEqual([
        { account_id: '000000000001', service_principal: 'guardduty.amazonaws.com', since: expected },
      ]);
    }
  });

  it('graph.account_history says what changed, by which event and by whom', async () => {
    const history = await rows(
      `SELECT kind, property, old, new, event, who FROM graph.account_history('000000000001') WHERE key = $1`,
      [accountKey('000000000001')],
    );
    expect(history).toContainEqual({
      kind: 'UPDATED',
      property: 'email',
      old: 'one@example.com',
      new: 'three@example.com',
      event: 'TagResource',
      who: person,
    });
    expect(history.at(-1)).toEqual({ kind: 'CREATED', property: null, old: null, new: null, event: null, who: null });
  });

  it('graph.account_history gives an ending its reason, also where the event that explains it came later', async () => {
    await apply(accountChange('000000000009', { version: 200 }));
    await apply(endedChange('account:000000000009', { version: 201, reason: 'NOT_FOUND' }));
    await apply(
      endedChange('account:000000000009', {
        version: 202,
        reason: 'LEFT',
        cause: { eventId: 'e-9', eventName: 'LeaveOrganization', principalArn: person },
      }),
    );
    expect(await rows(`SELECT kind, reason, event FROM graph.account_history('000000000009')`)).toEqual([
      { kind: 'ENDED', reason: 'LEFT', event: 'LeaveOrganization' },
      { kind: 'ENDED', reason: 'LEFT', event: null },
      { kind: 'CREATED', reason: null, event: null },
    ]);
  });

  it('graph.account_history gives a change the cause that came later', async () => {
    const cause = { eventId: 'e-8', eventName: 'TagResource', principalArn: person };
    const tagged = { name: 'eight', properties: { 'tag.late': 'yes' } };
    await apply(accountChange('000000000008', { version: 210, name: 'eight' }));
    await apply(accountChange('000000000008', { version: 211, ...tagged }));
    await apply(accountChange('000000000008', { version: 212, ...tagged, cause, explainedVersion: 211 }));
    expect(await rows(`SELECT kind, property, event, who, version::int FROM graph.account_history('000000000008')`)).toEqual([
      { kind: 'UPDATED', property: 'tag.late', event: 'TagResource', who: person, version: 211 },
      { kind: 'CREATED', property: null, event: null, who: null, version: 210 },
    ]);
  });

  it('graph.account_history gives a change no cause of another, of which the reader may see nothing', async () => {
    const cause = { eventId: 'e-7', eventName: 'AcceptPrimaryEmailUpdate', principalArn: person };
    const of = (version: number, properties: JsonObject, why = {}) =>
      accountChange('000000000007', { version, name: 'seven', properties, ...why });
    await apply(of(220, { email: 'seven@example.com' }));
    await apply(of(221, { email: 'seven@example.com', status: 'SUSPENDED' }));
    await apply(of(222, { email: 'more@example.com', status: 'SUSPENDED' }, { cause }));
    expect(
      await as('orgtrail_reader', `SELECT kind, property, event, version::int FROM graph.account_history('000000000007')`),
    ).toEqual([
      { kind: 'UPDATED', property: null, event: 'AcceptPrimaryEmailUpdate', version: 222 },
      { kind: 'UPDATED', property: 'status', event: null, version: 221 },
      { kind: 'CREATED', property: null, event: null, version: 220 },
    ]);
  });

  it('a time before what the history keeps is an error that names the earliest', async () => {
    await database.pool.query(`UPDATE graph.scopes SET history_from = '2020-02-01Z'`);
    for (const sql of [
      `SELECT * FROM graph.as_of('${scope}', '2020-01-31Z')`,
      `SELECT * FROM graph.account_as_of('${scope}', '000000000001', '2020-01-31Z')`,
    ]) {
      await expect(database.pool.query(sql)).rejects.toMatchObject({
        code: 'OT001',
        message: expect.stringContaining('2020-02-01'),
      });
    }
    expect(await rows(`SELECT * FROM graph.as_of('${scope}', '2020-02-01Z')`)).toEqual([]);
  });
});
