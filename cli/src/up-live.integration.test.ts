import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { createPool } from '@orgtrail/database';
import { createPostgresBus, type OutgoingRecord } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import { createLogger } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { orgtrail, startOrgtrail } from './testing/command.fixture.js';

jest.setTimeout(90_000);

let folder: string;
let database: TestDatabase;
const running: ReturnType<typeof startOrgtrail>[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orgtrail-up-live-'));
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill('SIGKILL');
    await child.ended;
  }
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const small = ['--accounts', '12', '--ous', '3', '--every', '300', '--confirm-after', '1,2'];

interface Live {
  child: ReturnType<typeof startOrgtrail>;
  talk(): string;
  connection(): { pid: number; pids: number[]; databaseUrl: string; apiUrl?: string };
}

/** Starts `orgtrail up` on a free port and waits until it says that it is ready. */
async function up(args: readonly string[], directory: string, env: Record<string, string> = {}): Promise<Live> {
  const live = start(args, directory, env);
  await says(live, 'Orgtrail is ready');
  return live;
}

async function says({ child, talk }: Live, text: string): Promise<void> {
  for (let waited = 0; !talk().includes(text); waited += 100) {
    if (waited > 60_000 || child.exitCode !== null) throw new Error(`It did not say "${text}": ${talk()}`);
    await delay(100);
  }
}

function start(args: readonly string[], directory: string, env: Record<string, string> = {}): Live {
  const child = startOrgtrail(['up', ...args, '--port', '0', '--data-directory', directory], env);
  running.push(child);
  let talk = '';
  child.stdout?.on('data', (text: string) => (talk += text));
  child.stderr?.on('data', (text: string) => (talk += text));
  return {
    child,
    talk: () => talk,
    connection: () => JSON.parse(readFileSync(join(directory, 'connection.json'), 'utf8')) as ReturnType<Live['connection']>,
  };
}

async function interrupt({ child }: Live): Promise<number | null> {
  child.kill('SIGINT');
  return (await child.ended).code;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('up --demo', () => {
  it('lives, ends on Ctrl-C with everything it started, and goes on where it ended', async () => {
    const directory = join(folder, 'demo');
    const first = await up(['--demo', ...small], directory, { DATABASE_URL: '' });
    for (let waited = 0; !/\b(joined|moved|changed|left)\b.* ms/.test(first.talk()); waited += 100) {
      if (waited > 20_000) throw new Error(`Nothing happened: ${first.talk()}`);
      await delay(100);
    }
    const place = /Its data is in (.*)/.exec(first.talk())?.[1];
    expect(existsSync(join(place ?? '', 'PG_VERSION'))).toBe(true);
    const { pids } = first.connection();
    expect(pids.length).toBeGreaterThan(1);
    const began = Date.now();
    expect(await interrupt(first)).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(pids.filter(isAlive)).toEqual([]);

    const organizationOf = (talk: string) => /\bo-[a-z0-9]{10,}/.exec(talk)?.[0];
    const second = await up(['--demo', ...small], directory, { DATABASE_URL: '' });
    expect(organizationOf(second.talk())).toBe(organizationOf(first.talk()));
    expect(organizationOf(second.talk())).toBeDefined();
    expect(await interrupt(second)).toBe(0);
    expect(existsSync(join(directory, 'orgtrail.log'))).toBe(true);
    // An address in a tag is a tag; those of accounts are never logged.
    expect(readFileSync(join(directory, 'orgtrail.log'), 'utf8')).not.toMatch(/@example\.com/);
  });

  it('lives on, says so and serves its API while too many records cannot be applied, also after a restart', async () => {
    const directory = join(folder, 'flooded');
    const first = await up(['--demo', ...small], directory, { DATABASE_URL: '' });
    const pool = createPool({ connectionString: first.connection().databaseUrl, applicationName: 'test' });
    const bus = await createPostgresBus({ pool, logger: createLogger({ service: 'test', level: 'silent' }) });
    await bus.publish(topics.graphChanges, Array<OutgoingRecord>(30).fill({ key: 'k', value: Buffer.from('bad') }));
    await bus.close();
    await pool.end();
    await says(first, 'of orgtrail.graph-changes.v1 stands still');
    expect(await interrupt(first)).toBe(0);

    // Nobody could mend it there.
    expect(
      await orgtrail(['up', '--once', '--demo', ...small, '--data-directory', directory], { DATABASE_URL: '' }),
    ).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('stands still'),
      stderr: expect.stringContaining('without --once'),
    });

    const second = start(['--demo', ...small], directory, { DATABASE_URL: '' });
    await says(second, 'of orgtrail.graph-changes.v1 stands still');
    const deadLetters = (...args: string[]) => orgtrail(['dead-letters', ...args, '--data-directory', directory], {});
    expect((await deadLetters()).stdout.match(/UNPARSABLE/g)).toHaveLength(20);
    expect(second.talk()).not.toContain('Orgtrail is ready');
    expect((await deadLetters('discard', '--all', '--yes')).code).toBe(0);
    await says(second, 'Orgtrail is ready');
    expect(await interrupt(second)).toBe(0);
  });

  it('ends and says so when its database ends by itself, and the next start goes on', async () => {
    const directory = join(folder, 'database-ends');
    const live = await up(['--demo', ...small], directory, { DATABASE_URL: '' });
    const postgres = live.connection().pids.find((pid) => pid !== live.child.pid)!;
    process.kill(postgres, 'SIGKILL');
    expect((await live.child.ended).code).toBe(69);
    expect(live.talk()).toMatch(
      /The embedded PostgreSQL ended by itself \(SIGKILL\), and so does Orgtrail\. \S*\.log may say why/,
    );
    expect(await interrupt(await up(['--demo', ...small], directory, { DATABASE_URL: '' }))).toBe(0);
    const log = readFileSync(join(directory, 'orgtrail.log'), 'utf8').split('\n');
    expect(log.filter((line) => line.includes('embedded PostgreSQL ended'))).toHaveLength(1);
  });

  it('syncs lightly as often as LIGHT_SYNCS_BETWEEN says', async () => {
    const own = await createTestDatabase();
    try {
      const env = { DATABASE_URL: own.connectionString, LIGHT_SYNCS_BETWEEN: '0' };
      const live = await up(['--demo', ...small, '--every', '0', '--sync-interval', '4'], join(folder, 'light'), env);
      const kinds = async () =>
        (await own.pool.query<{ kind: string }>('SELECT kind FROM discovery.full_syncs')).rows.map(({ kind }) => kind);
      for (let waited = 0; (await kinds()).filter((kind) => kind === 'full').length < 3; waited += 100) {
        if (waited > 30_000) throw new Error('No full syncs.');
        await delay(100);
      }
      expect(await kinds()).not.toContain('light');
      expect(await interrupt(live)).toBe(0);
    } finally {
      await own.drop();
    }
  });

  it('says in one sentence that its port is taken', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    const ended = await orgtrail(['up', '--demo', ...small, '--port', String(port), '--data-directory', join(folder, 'taken')], {
      DATABASE_URL: database.connectionString,
    });
    holder.close();
    expect(ended.code).toBe(1);
    expect(ended.stderr.trim().split('\n').at(-1)).toMatch(new RegExp(`127.0.0.1:${port} is already in use.*--port`));
  });
});

const environmentOf = ({ endpoint, credentials }: Simulator, databaseUrl: string) => ({
  DATABASE_URL: databaseUrl,
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
});

describe('verify', () => {
  it('ends with 0, with 3 and the account after a row was moved by SQL, and with 0 after the next sync', async () => {
    const simulator = await startSimulator({ seed: 51, accounts: 15, organizationalUnits: 4 });
    const own = await createTestDatabase();
    const env = environmentOf(simulator, own.connectionString);
    const common = ['--rate-share', '100', '--data-directory', join(folder, 'verify')];
    const sync = () => orgtrail(['up', '--once', '--json', ...common], env);
    const verify = () => orgtrail(['verify', '--settle', '0', ...common], env);
    try {
      expect((await sync()).code).toBe(0);
      expect((await verify()).code).toBe(0);
      const account = [...simulator.organization.accounts.values()].find(({ parentId }) => parentId.startsWith('ou-'))!;
      await own.pool.query(
        `UPDATE graph.entities AS account
             SET relationships = (SELECT jsonb_agg(CASE WHEN edge ->> 'type' = 'aws_organizational_unit_has_account'
                                                        THEN jsonb_set(edge, '{fromKey}', to_jsonb(root.key)) ELSE edge END ORDER BY edge ->> 'key')
                                    FROM jsonb_array_elements(account.relationships) AS edge)
            FROM (SELECT key FROM graph.entities WHERE type = 'aws_organization_root') AS root
           WHERE account.key = $1`,
        [`arn:aws:iam::${account.id}:root`],
      );
      const moved = await verify();
      expect(moved.code).toBe(3);
      expect(moved.stdout).toContain(account.id);
      await sync();
      expect((await verify()).code).toBe(0);
    } finally {
      await own.drop();
      await simulator.close();
    }
  });
});

describe('two on one database', () => {
  it('one watches and the other stands by, until the first ends', async () => {
    const simulator = await startSimulator({ seed: 52, accounts: 6, organizationalUnits: 2 });
    const own = await createTestDatabase();
    const env = environmentOf(simulator, own.connectionString);
    const [first, second] = [
      await up(['--rate-share', '100'], join(folder, 'first'), env),
      await up([], join(folder, 'second'), env),
    ];
    try {
      expect(second.talk()).toContain('This one stands by.');
      const watchedBy = async () => {
        const response = await fetch(`${second.connection().apiUrl}/v1/integrations`);
        const { integrations } = (await response.json()) as { integrations: { watchedBy?: { replica: string } }[] };
        return integrations[0]?.watchedBy?.replica;
      };
      expect(await watchedBy()).toMatch(/first$/);
      expect(await interrupt(first)).toBe(0);
      for (let waited = 0; (await watchedBy())?.endsWith('second') !== true; waited += 100) {
        if (waited > 20_000) throw new Error('Nobody took over.');
        await delay(100);
      }
      expect(await interrupt(second)).toBe(0);
    } finally {
      await own.drop();
      await simulator.close();
    }
  });
});

describe('integration and members', () => {
  it('are commands over the API of a running up, with tables, trees, JSON and clear refusals', async () => {
    const directory = join(folder, 'api');
    const live = await up(['--demo', ...small, '--every', '0'], directory, { DATABASE_URL: '' });
    const command = (...args: string[]) => orgtrail([...args, '--data-directory', directory], {});
    const members = async () =>
      JSON.parse((await command('members', 'list', '--json')).stdout) as { accountId: string; status: string }[];
    for (let waited = 0; (await members()).some(({ status }) => status === 'PENDING'); waited += 1) {
      if (waited > 60) throw new Error('Members stay PENDING.');
    }
    const failing = (await members()).find(({ status }) => status === 'FAILED')!.accountId;

    expect((await command('integration', 'configurations')).stdout).toMatch(/└─ .*Root/);
    expect((await command('integration', 'configurations', '--flat', '--status', 'failed')).stdout).toMatch(
      new RegExp(`${failing}\\s+FAILED ROLE_NOT_ASSUMABLE`),
    );
    const list = await command('members', 'list', '--status', 'FAILED');
    expect(list.stdout).toContain('ROLE_NOT_ASSUMABLE: AWS refused');
    expect((await command('members', 'show', failing)).stdout).toMatch(/PENDING -> FAILED/);
    expect(await command('members', 'show', '000000000000')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no member'),
    });
    expect(await command('members', 'set-role', failing)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--derived'),
    });
    expect(await command('integration', 'change', '--sync-interval', '2h')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('for example 4h'),
    });
    expect(await command('integration', 'show', 'nobody')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no integration "nobody"'),
    });
    expect(JSON.parse((await command('integration', 'trust-policy')).stdout)).toMatchObject({ roleName: 'security/orgtrail' });
    const id = (JSON.parse((await command('integration', 'list', '--json')).stdout) as { id: string }[])[0]!.id;
    expect(await command('integration', 'remove', id)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(live.connection().apiUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await interrupt(live)).toBe(0);
    expect(await command('members', 'list')).toMatchObject({ code: 69, stderr: expect.stringContaining('does not answer') });
  });

  it('say where they look for the API, and never send a token in the clear to another machine', async () => {
    expect(await orgtrail(['members', 'list', '--data-directory', join(folder, 'nothing')], {})).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('ORGTRAIL_URL'),
    });
    expect(
      await orgtrail(['members', 'list', '--url', 'http://orgtrail.example'], { ORGTRAIL_TOKEN: 'x'.repeat(32) }),
    ).toMatchObject({ code: 78, stderr: expect.stringContaining('readable on its way') });
  });
});

describe('what was typed wrong', () => {
  it.each([
    { args: ['up', '--port', 'eighty'], said: 'a port from 0 to 65535' },
    { args: ['up', '--role-arn', 'orgtrail'], said: 'a role ARN such as' },
    { args: ['up', '--no-such-option'], said: "unknown option '--no-such-option'" },
    { args: ['verify', '--settle', 'soon'], said: 'seconds, for example 30' },
    { args: ['members', 'set-role', '111122223333', 'orgtrail'], said: 'a role ARN such as' },
    { args: ['integration', 'change', '--negative-check-days', 'often'], said: 'a whole number of days' },
    { args: ['integration', 'create'], said: "missing required argument 'name'" },
    { args: ['upp'], said: "unknown command 'upp'" },
  ])('is refused before anything starts: $args', async ({ args, said }) => {
    expect(await orgtrail(args, {})).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
  });
});
