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

jest.setTimeout(60_000);

let database: TestDatabase;
let offset = 0;
const apply = (...changes: GivenChange[]) =>
  applyBatch(database.pool, {
    position: { group: 'writer', topic: 'changes', partition: 0 },
    records: changes.map((change) => ({ record: recordOf(null, (offset += 1)), change: pendingGiven(change) })),
    now: new Date(),
  });
const rows = async (sql: string, values: unknown[] = []) =>
  (await database.pool.query<Record<string, unknown>>(sql, values)).rows;
const pathOf = async (id: string) =>
  (await rows('SELECT ids, names, path, complete FROM graph.account_paths WHERE key = $1', [accountKey(id)]))[0];

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
  await apply(
    nodeChange('r-ab12', { version: 1, name: 'Root' }),
    nodeChange('ou-work', { version: 2, name: 'Workloads', parent: 'r-ab12' }),
    nodeChange('ou-prod', { version: 3, name: 'Prod', parent: 'ou-work' }),
  );
});
afterAll(() => database.drop());

describe('graph.accounts', () => {
  it('has the twelve documented properties as columns, and tags without their prefix', async () => {
    await apply(
      accountChange('000000000001', {
        version: 10,
        parent: 'ou-prod',
        name: 'payments',
        properties: {
          active: true,
          arn: accountKey('000000000001'),
          orgAccountArn: 'arn:aws:organizations::111122223333:account/o-exampleorgid/000000000001',
          email: 'payments@example.com',
          joinedMethod: 'CREATED',
          joinedOn: 1_481_830_215_450,
          master: false,
          pathIds: ['r-ab12', 'ou-work', 'ou-prod'],
          tagsKnown: true,
          'tag.Email': 'tag@example.com',
          'tag.cost': '007',
          tagged: 'is no tag',
        },
      }),
    );
    expect(await rows('SELECT * FROM graph.accounts WHERE account_id = $1', ['000000000001'])).toEqual([
      {
        scope,
        key: accountKey('000000000001'),
        account_id: '000000000001',
        id: '000000000001',
        active: true,
        arn: accountKey('000000000001'),
        org_account_arn: 'arn:aws:organizations::111122223333:account/o-exampleorgid/000000000001',
        name: 'payments',
        org_account_name: 'payments',
        display_name: 'payments',
        email: 'payments@example.com',
        joined_method: 'CREATED',
        joined_on: '1481830215450',
        status: 'ACTIVE',
        parent_id: 'ou-prod',
        path_ids: ['r-ab12', 'ou-work', 'ou-prod'],
        master: false,
        tags: { Email: 'tag@example.com', cost: '007' },
        member_status: null,
        member_cause: null,
        member_since: null,
      },
    ]);
  });

  it('tells tags that were never read from no tags, and unknown from not active', async () => {
    await apply(
      accountChange('000000000002', { version: 10, properties: { tagsKnown: false, active: null } }),
      accountChange('000000000003', { version: 10, properties: { tagsKnown: true, active: false } }),
    );
    expect(
      await rows('SELECT id, tags, active FROM graph.accounts WHERE id IN ($1, $2) ORDER BY id', [
        '000000000002',
        '000000000003',
      ]),
    ).toEqual([
      { id: '000000000002', tags: null, active: null },
      { id: '000000000003', tags: {}, active: false },
    ]);
  });

  it('does not fail on values of unexpected types', async () => {
    await apply(
      accountChange('000000000004', {
        version: 10,
        properties: { joinedOn: 'yesterday', active: 'yes', master: 1, pathIds: 'r-ab12' },
      }),
      accountChange('000000000005', { version: 10, properties: { joinedOn: 1e300 } }),
    );
    expect(await rows('SELECT joined_on, active, master, path_ids FROM graph.accounts WHERE id = $1', ['000000000004'])).toEqual([
      { joined_on: null, active: null, master: null, path_ids: null },
    ]);
    expect(await rows('SELECT joined_on FROM graph.accounts WHERE id = $1', ['000000000005'])).toEqual([{ joined_on: null }]);
  });

  it('shows live accounts only', async () => {
    await apply(accountChange('000000000006', { version: 10 }), endedChange('account:000000000006', { version: 11 }));
    expect(await rows('SELECT 1 FROM graph.accounts WHERE id = $1', ['000000000006'])).toEqual([]);
    expect(await pathOf('000000000006')).toBeUndefined();
  });
});

describe('graph.account_paths', () => {
  it('goes from the root to the parent by names and ids, as the edges say', async () => {
    await apply(
      accountChange('000000000011', { version: 10, parent: 'ou-prod' }),
      accountChange('000000000012', { version: 10, parent: 'r-ab12' }),
    );
    expect(await pathOf('000000000011')).toEqual({
      ids: ['r-ab12', 'ou-work', 'ou-prod'],
      names: ['Root', 'Workloads', 'Prod'],
      path: 'Root/Workloads/Prod',
      complete: true,
    });
    expect(await pathOf('000000000012')).toMatchObject({ path: 'Root', complete: true });
  });

  it('shows a child below an unknown parent, and the whole path when the parent arrives', async () => {
    await apply(
      accountChange('000000000013', { version: 10, parent: 'ou-late' }),
      nodeChange('ou-child', { version: 10, name: 'Child', parent: 'ou-late' }),
      accountChange('000000000014', { version: 10, parent: 'ou-child' }),
    );
    expect(await pathOf('000000000013')).toEqual({ ids: ['ou-late'], names: ['ou-late'], path: 'ou-late', complete: false });
    expect(await pathOf('000000000014')).toMatchObject({ path: 'ou-late/Child', complete: false });
    await apply(nodeChange('ou-late', { version: 11, name: 'Late', parent: 'ou-work' }));
    expect(await pathOf('000000000013')).toMatchObject({ path: 'Root/Workloads/Late', complete: true });
    expect(await pathOf('000000000014')).toMatchObject({
      path: 'Root/Workloads/Late/Child',
      ids: ['r-ab12', 'ou-work', 'ou-late', 'ou-child'],
    });
  });

  it('shows an account whose placement was never read, without a path', async () => {
    const unplaced = accountChange('000000000015', { version: 10 });
    if (unplaced.content.case === 'present') unplaced.content.relationships.shift();
    await apply(unplaced);
    expect(await pathOf('000000000015')).toEqual({ ids: null, names: null, path: null, complete: false });
  });

  it('ends although the edges go in a circle, as a hand may have set them', async () => {
    await apply(
      nodeChange('ou-one', { version: 10, name: 'One', parent: 'ou-two' }),
      nodeChange('ou-two', { version: 10, name: 'Two', parent: 'ou-one' }),
      accountChange('000000000016', { version: 10, parent: 'ou-one' }),
    );
    await database.pool.query(
      `UPDATE graph.subjects
          SET relationships = relationships || jsonb_build_object('key', 'by hand', 'type', 'aws_organizational_unit_has_unit', 'class', 'HAS',
                                                                  'fromKey', $2::text, 'toKey', $3::text, 'properties', '{}'::jsonb)
        WHERE scope = $1 AND subject = 'ou:ou-one'`,
      [scope, nodeKey('ou-work'), nodeKey('ou-one')],
    );
    expect(
      await rows('SELECT count(*)::int > 0 AS shown FROM graph.account_paths WHERE key = $1', [accountKey('000000000016')]),
    ).toEqual([{ shown: true }]);
  });

  it('keeps the organizations of two scopes apart', async () => {
    const other = crypto.randomUUID();
    await apply(
      nodeChange('r-ab12', { scope: other, version: 1, name: 'Elsewhere' }),
      accountChange('000000000017', { scope: other, version: 1, parent: 'r-ab12' }),
    );
    expect(await rows('SELECT path FROM graph.account_paths WHERE scope = $1', [other])).toEqual([{ path: 'Elsewhere' }]);
  });
});

describe('the history', () => {
  const key = accountKey('000000000021');
  const at: string[] = [];

  beforeAll(async () => {
    const steps = [
      accountChange('000000000021', { version: 20, parent: 'ou-work', name: 'old', properties: { 'tag.a': '1' } }),
      accountChange('000000000021', { version: 21, parent: 'ou-prod', name: 'new', properties: { 'tag.b': '2' } }),
      endedChange('account:000000000021', { version: 22 }),
      accountChange('000000000021', { version: 23, parent: 'ou-prod', name: 'back' }),
      delegationChange('000000000021', { version: 24, services: ['guardduty.amazonaws.com'] }),
    ];
    for (const step of steps) {
      await apply(step);
      at.push(String((await rows('SELECT max(at)::text AS at FROM graph.changes WHERE scope = $1', [scope]))[0]?.['at']));
    }
  });

  it('shows each changed property with its old and new value, relationships included', async () => {
    const differences = await rows(
      'SELECT property, old, new FROM graph.change_differences WHERE scope = $1 AND key = $2 AND version = 21 ORDER BY property COLLATE "C"',
      [scope, key],
    );
    expect(differences).toEqual([
      { property: 'displayName', old: 'old', new: 'new' },
      { property: 'name', old: 'old', new: 'new' },
      { property: 'orgAccountName', old: 'old', new: 'new' },
      { property: 'parentId', old: 'ou-work', new: 'ou-prod' },
      { property: `relationship ${nodeKey('ou-prod')}|has|${key}`, old: null, new: {} },
      { property: `relationship ${nodeKey('ou-work')}|has|${key}`, old: {}, new: null },
      { property: 'tag.a', old: '1', new: null },
      { property: 'tag.b', old: null, new: '2' },
    ]);
  });

  it('shows everything as new at first, as old at the end, and a delegation by its services', async () => {
    const figures = await rows(
      `SELECT version::int, bool_and(old IS NULL) AS all_new, bool_and(new IS NULL) AS all_old FROM graph.change_differences
        WHERE scope = $1 AND key = $2 GROUP BY version ORDER BY version`,
      [scope, key],
    );
    expect(figures).toEqual([
      { version: 20, all_new: true, all_old: false },
      { version: 21, all_new: false, all_old: false },
      { version: 22, all_new: false, all_old: true },
      { version: 23, all_new: true, all_old: false },
    ]);
    expect(await rows(`SELECT property, new FROM graph.change_differences WHERE subject = 'delegation:000000000021'`)).toEqual([
      { property: expect.stringContaining('guardduty.amazonaws.com'), new: { servicePrincipal: 'guardduty.amazonaws.com' } },
    ]);
  });

  it('gives the graph as it was at a time', async () => {
    const asOf = (time: string | undefined) =>
      rows(
        `SELECT display_name, version::int, classes, jsonb_array_length(relationships) AS relationships
           FROM graph.entities_as_of($1, $2) WHERE key = $3`,
        [scope, time, key],
      );
    expect(await asOf(at[0])).toEqual([{ display_name: 'old', version: 20, classes: ['Account'], relationships: 2 }]);
    expect(await asOf(at[1])).toMatchObject([{ display_name: 'new', version: 21 }]);
    expect(await asOf(at[2])).toEqual([]);
    expect(await asOf(at[3])).toMatchObject([{ display_name: 'back' }]);
    expect(await rows(`SELECT key FROM graph.entities_as_of($1, $2) WHERE subject LIKE 'delegation:%'`, [scope, at[4]])).toEqual(
      [],
    );
    // Nobody watched then.
    await expect(rows(`SELECT key FROM graph.entities_as_of($1, '2020-01-01Z')`, [scope])).rejects.toMatchObject({
      code: 'OT001',
    });
    await expect(rows(`SELECT key FROM graph.entities_as_of($1, now())`, ['nobody'])).rejects.toMatchObject({ code: 'OT003' });
  });
});
