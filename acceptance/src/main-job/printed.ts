import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulator } from '@orgtrail/aws-simulator';
import { createTestDatabase } from '@orgtrail/testkit';
import { orgtrail, startOrgtrail } from '../command.js';
import type { Report } from '../report.js';

/** The demo tells what happens soon after it happened, and ends at once when it is told to. */
export async function demoLives(report: Report, folder: string): Promise<void> {
  const demo = startOrgtrail(['up', '--demo', '--port', '0', '--data-directory', join(folder, 'demo')], {});
  let output = '';
  demo.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<number | null>((resolve) => demo.once('close', resolve));
  const startedAt = Date.now();
  while (!output.includes('Orgtrail is ready') && Date.now() - startedAt < 60_000) await delay(100);
  await delay(30_000);
  const changes =
    output
      .split('Orgtrail is ready')[1]
      ?.split('\n')
      .filter((line) => /^\d\d:\d\d:\d\d {2}/.test(line)) ?? [];
  const latencies = changes.flatMap((line) => /(\d+) ms$/.exec(line)?.[1] ?? []).map(Number);
  report.atLeast('demo: change lines within 30 s of ready', changes.length, 10);
  report.atMost('demo: slowest event to row', latencies.length === 0 ? NaN : Math.max(...latencies) / 1000, 2, 's');
  const interrupted = Date.now();
  demo.kill('SIGINT');
  const code = await ended;
  report.point('demo: exit code after Ctrl-C', { figure: String(code), bound: '0', pass: code === 0 });
  report.atMost('demo: end after Ctrl-C', (Date.now() - interrupted) / 1000, 10, 's');
}

/** A row that was moved behind its back is named, and the next sync mends it. */
export async function verifyNamesADifference(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 11, accounts: 30, organizationalUnits: 6 });
  const database = await createTestDatabase();
  const env = {
    DATABASE_URL: database.connectionString,
    AWS_ENDPOINT_URL: simulator.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
  };
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-verify-'));
  const sync = () => orgtrail(['up', '--once', '--json', '--rate-share', '100', '--data-directory', folder], env);
  const verify = () => orgtrail(['verify', '--settle', '0', '--data-directory', folder, '--rate-share', '100'], env);
  try {
    await sync();
    report.point('verify after a sync: exit code', code(await verify(), 0));
    const account = [...simulator.organization.accounts.values()].find(({ parentId }) => parentId.startsWith('ou-'));
    const key = `arn:aws:iam::${account?.id ?? ''}:root`;
    await database.pool.query(
      `UPDATE graph.entities AS account
           SET relationships = (SELECT jsonb_agg(CASE WHEN edge ->> 'type' = 'aws_organizational_unit_has_account'
                                                      THEN jsonb_set(edge, '{fromKey}', to_jsonb(root.key)) ELSE edge END ORDER BY place)
                                  FROM jsonb_array_elements(account.relationships) WITH ORDINALITY AS element (edge, place))
          FROM (SELECT key FROM graph.entities WHERE type = 'aws_organization_root') AS root
         WHERE account.key = $1`,
      [key],
    );
    const moved = await verify();
    report.point('verify after one row was moved by SQL: exit code', code(moved, 3));
    report.point('verify names the account', {
      figure: String(moved.stdout.includes(account?.id ?? '-')),
      bound: 'true',
      pass: moved.stdout.includes(account?.id ?? '-'),
    });
    await sync();
    report.point('verify after the next sync: exit code', code(await verify(), 0));
  } finally {
    await database.drop();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What cannot work is said in one line, with the exit code of its kind. */
export async function badInput(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 12, accounts: 10, organizationalUnits: 2 });
  const database = await createTestDatabase();
  const member = [...simulator.organization.accounts.keys()].find(
    (id) => id !== simulator.organization.identity.managementAccountId && !simulator.organization.isDelegatedAdministrator(id),
  );
  const as = (credentials: { accessKeyId: string; secretAccessKey: string }) => ({
    DATABASE_URL: database.connectionString,
    AWS_ENDPOINT_URL: simulator.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-bad-'));
  const cases: [string, Record<string, string>, number, RegExp][] = [
    ['wrong credentials', as({ accessKeyId: 'AKIAWRONG', secretAccessKey: 'wrong' }), 78, /credentials/i],
    ['account in no organization', as(simulator.credentialsFor(simulator.foreignAccountId)), 78, /in no organization/],
    ['ordinary member', as(simulator.credentialsFor(member ?? '')), 78, /ordinary member/],
    [
      'Postgres unreachable',
      { ...as(simulator.credentials), DATABASE_URL: 'postgres://a:b@127.0.0.1:9/x' },
      69,
      /127\.0\.0\.1:9.*DATABASE_URL/,
    ],
    ['Kafka unreachable', { ...as(simulator.credentials), KAFKA_BROKERS: '127.0.0.1:9' }, 69, /127\.0\.0\.1:9.*KAFKA_BROKERS/],
  ];
  try {
    for (const [name, env, expected, sentence] of cases) {
      const ended = await orgtrail(['up', '--once', '--start-timeout', '2', '--data-directory', folder], env);
      const lines = ended.stderr.trim().split('\n');
      const clear = lines.length === 1 && sentence.test(ended.stderr);
      report.say(`${name}: ${ended.stderr.trim()}`);
      report.point(`${name}: exit code, one clear line`, {
        figure: `${String(ended.code)}, ${clear ? 'clear' : `${lines.length} lines`}`,
        bound: `${expected}, clear`,
        pass: ended.code === expected && clear,
      });
    }
  } finally {
    await database.drop();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function code(ended: { code: number | null }, expected: number) {
  return { figure: String(ended.code), bound: String(expected), pass: ended.code === expected };
}
