import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulator, type Simulator, type TrustPolicy } from '@orgtrail/aws-simulator';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { orgtrail, startOrgtrail } from './command.js';
import type { Report } from './report.js';

const rolePath = 'security/orgtrail';

interface ListedMember {
  accountId: string;
  status: string;
  cause?: string;
  reason: string;
  path: { id: string; name: string }[];
}

/** Everything as an operator does it: commands beside a running `orgtrail up`, from an empty installation. */
interface Installation {
  simulator: Simulator;
  database: TestDatabase;
  /** Runs a command against the API, and gives its exit code and JSON. */
  // The caller knows what the command answers.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  command<T>(...args: string[]): Promise<{ code: number | null; answer: T; said: string }>;
  members(...args: string[]): Promise<ListedMember[]>;
  /** Until it holds, or 60 s have passed. */
  until(condition: () => Promise<boolean>): Promise<boolean>;
  count(sql: string, values?: unknown[]): Promise<number>;
  verify(): Promise<number | null>;
  stop(): Promise<number | null>;
}

async function install(): Promise<Installation> {
  const simulator = await startSimulator({ seed: 21, accounts: 60, organizationalUnits: 14 });
  const database = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-members-'));
  const credentialsOf = (accountId: string) => {
    const { accessKeyId, secretAccessKey } = simulator.credentialsFor(accountId);
    return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  };
  const env = {
    DATABASE_URL: database.connectionString,
    AWS_ENDPOINT_URL: simulator.endpoint,
    AWS_REGION: 'us-east-1',
    ...credentialsOf(simulator.foreignAccountId),
  };
  const up = startOrgtrail(
    [
      'up',
      '--no-integration',
      '--port',
      '0',
      '--data-directory',
      folder,
      '--rate-share',
      '100',
      '--confirm-after',
      '2,4',
      '--confirm-not-found-after',
      '1',
    ],
    env,
  );
  let talk = '';
  up.stdout?.setEncoding('utf8').on('data', (text: string) => (talk += text));
  up.stderr?.setEncoding('utf8').on('data', (text: string) => (talk += text));
  const ended = new Promise<number | null>((resolve) => up.once('close', resolve));
  const until = async (condition: () => Promise<boolean>): Promise<boolean> => {
    const giveUp = Date.now() + 60_000;
    while (Date.now() < giveUp) {
      if (await condition()) return true;
      await delay(200);
    }
    return false;
  };
  if (!(await until(() => Promise.resolve(talk.includes('Orgtrail is ready')))))
    throw new Error(`orgtrail up did not become ready: ${talk}`);
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as above
  const command: Installation['command'] = async <T>(...args: string[]) => {
    const { code, stdout, stderr } = await orgtrail([...args, '--json', '--data-directory', folder], env);
    return { code, answer: (code === 0 && stdout.trim() !== '' ? JSON.parse(stdout) : undefined) as T, said: stderr };
  };
  return {
    simulator,
    database,
    command,
    until,
    members: async (...args) => (await command<ListedMember[]>('members', 'list', ...args)).answer,
    count: async (sql, values = []) => Number((await database.pool.query<{ count: string }>(sql, values)).rows[0]?.count ?? -1),
    verify: async () =>
      (
        await orgtrail(['verify', '--rate-share', '100', '--data-directory', folder], {
          ...env,
          ...credentialsOf(simulator.organization.managementAccount.id),
        })
      ).code,
    stop: async () => {
      up.kill('SIGINT');
      const code = await ended;
      await database.drop();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
      return code;
    },
  };
}

/** The seed document's walk: from an empty installation to children that match the tree. */
export async function walk(report: Report): Promise<void> {
  const it = await install();
  try {
    const { forgotten } = await connect(report, it);
    await heal(report, it, forgotten);
    await joinAndLeave(report, it);
    await emailOffAndOn(report, it);
    report.point('orgtrail verify at the end: exit code', exactly(await it.verify(), 0));
  } finally {
    report.point('orgtrail up after SIGINT: exit code', exactly(await it.stop(), 0));
  }
}

async function connect(report: Report, it: Installation): Promise<{ forgotten: string }> {
  const { simulator } = it;
  const { managementAccount } = simulator.organization;
  const created = await it.command<{ externalId: string }>(
    'integration',
    'create',
    'Acceptance',
    '--role-arn',
    `arn:aws:iam::${managementAccount.id}:role/${rolePath}`,
    '--queue-url',
    simulator.queueUrl,
  );
  report.point('integration create in an empty installation: exit code', exactly(created.code, 0));
  const refused = await it.until(async () => {
    const { answer } = await it.command<{ condition: { cause?: string } }[]>('integration', 'list');
    return answer[0]?.condition.cause === 'ROLE_NOT_ASSUMABLE';
  });
  report.point('condition before the role exists', exactly(refused ? 'ROLE_NOT_ASSUMABLE' : 'another', 'ROLE_NOT_ASSUMABLE'));

  const { answer: documents } = await it.command<{ roleName: string; policy: TrustPolicy }>('integration', 'trust-policy');
  const ids = [...simulator.organization.accounts.values()].filter(({ id }) => id !== managementAccount.id);
  const forgotten = ids.find(({ state, tags }) => state === 'ACTIVE' && !isSkipped(tags))?.id ?? '';
  simulator.actions.putRoleFromTrustPolicy({ roleName: documents.roleName, policy: documents.policy });
  simulator.actions.removeRole(`arn:aws:iam::${forgotten}:role/${documents.roleName}`);
  await it.command('integration', 'resume');

  const settled = await it.until(async () => {
    const members = await it.members();
    return members.length >= ids.length && members.every(({ status }) => status !== 'PENDING');
  });
  report.point('every member leaves PENDING by itself', exactly(settled, true));
  const members = await it.members();
  const expected = (account: (typeof ids)[number]): string =>
    account.state === 'CLOSED'
      ? 'CLOSED'
      : account.state === 'SUSPENDED'
        ? 'SUSPENDED'
        : isSkipped(account.tags)
          ? 'SKIPPED'
          : account.id === forgotten
            ? 'FAILED'
            : 'CONNECTED';
  const wrong = ids.filter((account) => members.find(({ accountId }) => accountId === account.id)?.status !== expected(account));
  report.point(
    `status of ${ids.length} members: ${members.filter(({ status }) => status === 'CONNECTED').length} connected, ${members.filter(({ status }) => status === 'SKIPPED').length} skipped; wrong ones`,
    exactly(
      wrong.map(({ id }) => `${id} ${members.find(({ accountId }) => accountId === id)?.status ?? 'missing'}`).join(' ') ||
        'none',
      'none',
    ),
  );
  report.point('skipped members', exactly(members.filter(({ status }) => status === 'SKIPPED').length, 2));

  const { answer: list } = await it.command<{
    management: { assets: number };
    children: (ListedMember & { assets: number })[];
    assets: number;
  }>('integration', 'configurations');
  const misplaced = list.children.filter(
    ({ accountId, path }) => path.at(-1)?.id !== simulator.organization.accounts.get(accountId)?.parentId,
  );
  report.point('children that do not stand where the organization has them', exactly(misplaced.length, 0));
  const live = await it.count(`SELECT count(*) FROM graph.entities WHERE live`);
  const sum = list.management.assets + list.children.reduce((total, { assets }) => total + assets, 0);
  report.point('sum of the asset column, against live entities in SQL', exactly(sum, live));
  return { forgotten };
}

async function heal(report: Report, it: Installation, forgotten: string): Promise<void> {
  const [failing] = await it.members('--status', 'FAILED');
  report.point(
    'the failing member says why',
    exactly(`${failing?.accountId === forgotten} ${failing?.cause ?? ''}`, 'true ROLE_NOT_ASSUMABLE'),
  );
  const inSql = await it.count(
    `SELECT count(*) FROM graph.members WHERE status NOT IN ('CONNECTED', 'SKIPPED', 'SUSPENDED', 'CLOSED') AND cause IS NOT NULL AND reason IS NOT NULL AND since IS NOT NULL`,
  );
  report.point('one SQL query on graph.members finds the accounts that are not connected, why and since when', exactly(inSql, 1));
  const { answer: documents } = await it.command<{ roleName: string; policy: TrustPolicy }>('integration', 'trust-policy');
  it.simulator.actions.putRoleFromTrustPolicy({
    arn: `arn:aws:iam::${forgotten}:role/${documents.roleName}`,
    policy: documents.policy,
  });
  await it.command('members', 'verify', forgotten);
  const healed = await it.until(
    async () => (await it.members()).find(({ accountId }) => accountId === forgotten)?.status === 'CONNECTED',
  );
  report.point('the failing member heals after its role was made', exactly(healed, true));
}

async function joinAndLeave(report: Report, it: Installation): Promise<void> {
  const { accountId = '' } = it.simulator.actions.createAccount({ accountName: 'joining', email: 'joining@example.com' });
  const joined = await it.until(
    async () => (await it.members()).find((member) => member.accountId === accountId)?.status === 'CONNECTED',
  );
  report.point('a joining account is connected by itself', exactly(joined, true));
  it.simulator.actions.removeAccountFromOrganization({ accountId });
  const left = await it.until(async () => !(await it.members()).some((member) => member.accountId === accountId));
  const removed = (await it.members('--removed')).find((member) => member.accountId === accountId);
  report.point(
    'a leaving account disappears, and is REMOVED when asked for',
    exactly(`${left} ${removed?.status ?? ''}`, 'true REMOVED'),
  );
}

async function emailOffAndOn(report: Report, it: Installation): Promise<void> {
  const addresses = [...it.simulator.organization.accounts.values()].map(({ email }) => email);
  const stored = () =>
    it.count(`SELECT count(*) FROM graph.entities WHERE properties ?| ARRAY['email', 'managementAccountEmail']`);
  const before = await stored();
  await it.command('integration', 'change', '--no-configure-organization-accounts');
  const gone = await it.until(
    async () =>
      (await it.count(
        `SELECT count(*) FROM graph.entities WHERE live AND properties ?| ARRAY['email', 'managementAccountEmail']`,
      )) === 0,
  );
  report.point(`e-mail off: live rows with an address (before: ${before})`, exactly(gone ? 0 : await stored(), 0));
  report.point('e-mail off: members', exactly((await it.members()).length, 0));

  // Versions of the history are microseconds, too.
  const marker = await it.count(`SELECT (extract(epoch FROM clock_timestamp()) * 1e6)::bigint AS count`);
  it.simulator.actions.createAccount({ accountName: 'quiet', email: 'quiet@example.com' });
  await it.until(async () => (await it.count(`SELECT count(*) FROM graph.accounts WHERE name = 'quiet'`)) === 1);
  await it.command('integration', 'sync');
  await delay(4_000);
  const inHistory = await it.count(
    `SELECT count(*) FROM graph.changes WHERE version > $1 AND (state -> 'properties') ?| ARRAY['email', 'managementAccountEmail']`,
    [marker],
  );
  const onTheBus = await it.count(
    `SELECT count(*) FROM bus.records AS record
      WHERE record.published_at > to_timestamp($2::double precision / 1e6)
        AND EXISTS (SELECT FROM unnest($1::text[]) AS address WHERE position(convert_to(address, 'UTF8') IN record.value) > 0)`,
    [[...addresses, 'quiet@example.com'], marker],
  );
  report.point('e-mail off: addresses in later history and bus records', exactly(inHistory + onTheBus, 0));
  const purged = await it.command('integration', 'purge-email');
  const erased = await it.until(
    async () =>
      (await it.count(
        `SELECT count(*) FROM graph.changes WHERE (state -> 'properties') ?| ARRAY['email', 'managementAccountEmail']`,
      )) +
        (await stored()) ===
      0,
  );
  report.point(
    'purge-email: addresses left in rows, tombstones and history',
    exactly(`${purged.code} ${erased ? 0 : 'some'}`, '0 0'),
  );
  await it.command('integration', 'change', '--configure-organization-accounts');
  const back = await it.until(async () => (await it.count(`SELECT count(*) FROM graph.accounts WHERE email IS NULL`)) === 0);
  const connected = await it.until(async () => (await it.members()).filter(({ status }) => status === 'PENDING').length === 0);
  report.point(
    'e-mail on again: every account has its address, every member is settled',
    exactly(`${back} ${connected}`, 'true true'),
  );
}

function isSkipped(tags: ReadonlyMap<string, string>): boolean {
  return tags.get('j1-integration')?.trim().toUpperCase() === 'SKIP';
}

export function exactly(figure: string | number | boolean | null, expected: string | number | boolean) {
  return { figure: String(figure), bound: String(expected), pass: figure === expected };
}
