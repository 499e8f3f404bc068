import type pg from 'pg';

export interface GraphSize {
  scope: string;
  /** Each division holds `teams` units, and those hold the accounts evenly. */
  divisions: number;
  teams: number;
  accounts: number;
  /** Of each account, its first included. */
  changes: number;
  months: number;
}

const organizations = 'arn:aws:organizations::111122223333';
const node = (id: string) =>
  `CASE WHEN ${id} = 'r-0' THEN '${organizations}:root/o-bench/r-0' ELSE '${organizations}:ou/o-bench/' || ${id} END`;
const edge = (from: string, to: string, type: string) =>
  `jsonb_build_object('type', ${type}, 'class', 'HAS', 'fromKey', ${from}, 'toKey', ${to})`;

/**
 * Fills the real tables of the graph by generate_series, as the writer would have left them: the history's versions and times run evenly over the months
 * before `until` (epoch milliseconds), and each month has its partition.
 */
export async function fillGraph(client: pg.ClientBase, size: GraphSize, until: number): Promise<void> {
  const { scope, divisions, teams, accounts, changes, months } = size;
  const monthMicroseconds = 30n * 86_400_000_000n;
  const first = BigInt(until) * 1000n - BigInt(months) * monthMicroseconds;
  for (let month = 0; month < months; month += 1) {
    const from = first + BigInt(month) * monthMicroseconds;
    await client.query(
      `CREATE TABLE graph.changes_bench_${month} PARTITION OF graph.changes FOR VALUES FROM (${from}) TO (${from + monthMicroseconds})`,
    );
  }
  await client.query(`INSERT INTO graph.scopes (scope, history_from) VALUES ($1, to_timestamp(${first} / 1e6))`, [scope]);
  await client.query(
    `CREATE TEMP TABLE unit AS
     SELECT 'r-0' AS id, NULL AS parent UNION ALL
     SELECT 'ou-' || d, 'r-0' FROM generate_series(0, ${divisions - 1}) AS d UNION ALL
     SELECT 'ou-' || d || '-' || t, 'ou-' || d FROM generate_series(0, ${divisions - 1}) AS d, generate_series(0, ${teams - 1}) AS t`,
  );
  await client.query(
    `INSERT INTO graph.entities (scope, key, subject, type, classes, display_name, account_id, properties, relationships, version, live, created_at, updated_at)
     SELECT $1, ${node('id')}, CASE WHEN parent IS NULL THEN 'root:' ELSE 'ou:' END || id,
            CASE WHEN parent IS NULL THEN 'aws_organization_root' ELSE 'aws_organizational_unit' END, '{Group}', 'Unit ' || id, '111122223333',
            jsonb_strip_nulls(jsonb_build_object('id', id, 'name', 'Unit ' || id, 'parentId', parent, 'tag.owner', 'team')),
            CASE WHEN parent IS NULL THEN '[]' ELSE jsonb_build_array(${edge(node('parent'), node('id'), `CASE WHEN parent = 'r-0' THEN 'aws_organization_root_has_organizational_unit' ELSE 'aws_organizational_unit_has_unit' END`)}) END,
            ${first}, true, to_timestamp(${first} / 1e6), to_timestamp(${first} / 1e6)
       FROM unit`,
    [scope],
  );
  const accountState = (revision: string) => `
    jsonb_build_object('accountId', id, 'id', id, 'active', true, 'arn', key, 'orgAccountArn', '${organizations}:account/o-bench/' || id, 'name', 'account ' || id,
      'orgAccountName', 'account ' || id, 'displayName', 'account ' || id, 'email', 'account-' || id || '@example.com', 'joinedMethod', 'CREATED',
      'joinedOn', 1700000000000, 'status', 'ACTIVE', 'displayNames', jsonb_build_array('account ' || id), 'master', false, 'vendor', 'Amazon Web Services',
      'organizationId', 'o-bench', 'parentId', parent, 'pathIds', jsonb_build_array('r-0', parent), 'placementKnown', true, 'tagsKnown', true,
      'tag.owner', 'team ' || n % 100, 'tag.cost-center', lpad((n % 1000)::text, 6, '0'), 'tag.revision', ${revision}::text)`;
  const relationships = `jsonb_build_array(${edge(`'arn:aws:iam::111122223333:root'`, 'key', `'aws_account_has_account'`)},
      ${edge(node('parent'), 'key', `'aws_organizational_unit_has_account'`)})`;
  await client.query(
    `CREATE TEMP TABLE account AS
     SELECT n, lpad(n::text, 12, '0') AS id, 'arn:aws:iam::' || lpad(n::text, 12, '0') || ':root' AS key,
            'ou-' || n % ${divisions} || '-' || n / ${divisions} % ${teams} AS parent
       FROM generate_series(0, ${accounts - 1}) AS n`,
  );
  await client.query(
    `INSERT INTO graph.entities (scope, key, subject, type, classes, display_name, account_id, properties, relationships, version, live, created_at, updated_at)
     SELECT $1, key, 'account:' || id, 'aws_account', '{Account}', 'account ' || id, id, ${accountState(`${changes - 1}`)}, ${relationships}, ${first}, true, now(), now()
       FROM account`,
    [scope],
  );
  await client.query(
    `INSERT INTO graph.subjects (scope, subject, version, live, created_at, entity_key)
     SELECT scope, subject, version, true, created_at, key FROM graph.entities WHERE scope = $1`,
    [scope],
  );
  const step = (BigInt(months) * monthMicroseconds) / BigInt(accounts * changes + 1);
  await client.query(
    `INSERT INTO graph.changes (scope, key, version, subject, type, kind, state, observed_at, at)
     SELECT scope, key, ${first}, subject, type, 'BASELINE',
            jsonb_build_object('type', type, 'classes', classes, 'displayName', display_name, 'accountId', account_id, 'properties', properties, 'relationships', relationships),
            created_at, created_at
       FROM graph.entities WHERE scope = $1 AND type <> 'aws_account'`,
    [scope],
  );
  await client.query(
    `INSERT INTO graph.changes (scope, key, version, subject, type, kind, state, cause, observed_at, at)
     SELECT $1, key, version, 'account:' || id, 'aws_account', CASE WHEN revision = 0 THEN 'BASELINE' ELSE 'UPDATED' END,
            jsonb_build_object('type', 'aws_account', 'classes', jsonb_build_array('Account'), 'displayName', 'account ' || id, 'accountId', id,
                               'properties', ${accountState('revision')}, 'relationships', ${relationships}),
            CASE WHEN revision > 0 THEN '{"eventId":"e","eventName":"TagResource","principalArn":"arn:aws:iam::111122223333:user/ops"}'::jsonb END,
            to_timestamp(version / 1e6), to_timestamp(version / 1e6)
       FROM (SELECT account.*, revision, ${first} + (revision::bigint * ${accounts} + n + 1) * ${step} AS version
               FROM generate_series(0, ${changes - 1}) AS revision, account) AS made
      ORDER BY version`,
    [scope],
  );
  await client.query('DROP TABLE unit, account');
  // What a database that lives has done long ago.
  for (const table of ['entities', 'subjects', 'scopes', 'changes']) await client.query(`VACUUM (ANALYZE) graph.${table}`);
}
