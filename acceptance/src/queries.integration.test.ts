import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { startPipeline, type Pipeline } from './pipeline.js';

/** The questions of docs/queries, asked of the organization of the demo after a life that everybody can read below. */

const folder = new URL('../../docs/queries/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .sort();

let simulator: Simulator;
let pipeline: Pipeline;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 1, accounts: 60, organizationalUnits: 14 });
  const { actions, organization } = simulator;
  const management = organization.managementAccount.id;
  const externalId = 'orgtrail-demo-1f6a0c';
  const roleName = 'security/orgtrail';
  actions.putRoleInEveryAccount({ roleName, trustedPrincipal: `arn:aws:iam::${management}:root`, externalId });
  // Somebody forgot one.
  actions.removeRole(`arn:aws:iam::${named('network')}:role/${roleName}`);
  pipeline = await startPipeline(simulator, { roleArn: `arn:aws:iam::${management}:role/${roleName}`, externalId });
  await until(`SELECT 1 FROM discovery.full_syncs WHERE finished_at IS NOT NULL`);
  await pipeline.settled();
  await until(`SELECT 1 WHERE NOT EXISTS (SELECT FROM graph.members WHERE status = 'PENDING')`);

  const ana = `arn:aws:sts::${management}:assumed-role/platform-admin/ana`;
  const ben = `arn:aws:sts::${management}:assumed-role/security-admin/ben`;
  const [, data] = [...organization.organizationalUnits.values()];
  actions.createAccount({ accountName: 'fraud-detection', email: 'aws+fraud@example.com', as: ana });
  actions.tagResource({ resourceId: named('audit'), tags: { CostCenter: '000042', Reviewed: 'yes' }, as: ben });
  // One after the other: what is read together has the last one's cause.
  await until(`SELECT 1 FROM graph.accounts WHERE tags ->> 'Reviewed' = 'yes'`);
  actions.untagResource({ resourceId: named('audit'), tagKeys: ['Team'], as: ana });
  actions.moveAccount({ accountId: named('analytics-staging'), destinationParentId: data!.id, as: ben });
  actions.moveAccount({ accountId: named('backup'), destinationParentId: organization.root.id, as: ana });
  actions.closeAccount({ accountId: named('checkout-dev'), as: ana });
  actions.removeAccountFromOrganization({ accountId: named('mobile-staging'), as: ben });
  actions.leaveOrganization({ accountId: named('payments-dev') });
  for (const servicePrincipal of ['guardduty.amazonaws.com', 'securityhub.amazonaws.com']) {
    actions.registerDelegatedAdministrator({ accountId: named('security-tooling'), servicePrincipal, as: ben });
  }
  await simulator.settled();
  await until(`SELECT 1 FROM graph.entities WHERE display_name = 'fraud-detection' AND live`);
  await until(`SELECT 1 WHERE (SELECT count(*) FROM graph.entities WHERE type = 'aws_account' AND NOT live) = 2`);
  await until(`SELECT 1 WHERE (SELECT count(*) FROM graph.delegated_administrators WHERE account_name = 'security-tooling') = 2`);
  await until(
    `SELECT 1 WHERE NOT EXISTS (SELECT FROM graph.members WHERE status = 'PENDING' AND cause IS DISTINCT FROM 'PAUSED')`,
  );
}, 120_000);
afterAll(async () => {
  await pipeline.stop();
  await simulator.close();
}, 60_000);

function named(name: string): string {
  const account = [...simulator.organization.accounts.values()].find((one) => one.name === name);
  if (!account) throw new Error(`The demo has no account ${name}.`);
  return account.id;
}

async function until(sql: string): Promise<void> {
  for (const giveUp = Date.now() + 40_000; ;) {
    const found = await pipeline.database.pool.query(sql).catch(() => undefined);
    if (found?.rows.length) return;
    if (Date.now() > giveUp) throw new Error(`Waited in vain: ${sql}`);
    await delay(100);
  }
}

/** The rows as JSON, without the times of this run. */
async function ask(sql: string, role?: string): Promise<unknown[]> {
  const client = await pipeline.database.pool.connect();
  try {
    await client.query('BEGIN');
    if (role !== undefined) await client.query(`SET LOCAL ROLE ${role}`);
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => !(value instanceof Date))));
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

describe.each(files)('docs/queries/%s', (file) => {
  const sql = readFileSync(new URL(file, folder), 'utf8');
  const answer = new URL(file.replace('.sql', '.expected.json'), folder);

  it('answers as docs/queries says, also for both roles of readers', async () => {
    const rows = await ask(sql);
    if (process.env['UPDATE_DOCS'] === '1' || !existsSync(answer)) writeFileSync(answer, `${JSON.stringify(rows, null, 2)}\n`);
    expect(rows).toEqual(JSON.parse(readFileSync(answer, 'utf8')));
    expect(rows.length).toBeGreaterThan(0);
    for (const role of ['orgtrail_reader', 'orgtrail_reader_pii']) expect(await ask(sql, role)).toEqual(rows);
  });

  it('says in its first line what it asks, and stands in the table', () => {
    expect(sql).toMatch(/^-- [A-Z].+\?/);
    expect(readFileSync(new URL('README.md', folder), 'utf8')).toContain(
      `| [${file}](${file}) | ${/^-- (.+?\?)/.exec(sql)?.[1] ?? ''}`,
    );
  });
});
