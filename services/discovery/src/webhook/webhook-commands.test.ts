import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { secretHeader } from './receive-post.js';

const page = readFileSync(new URL('../../../../docs/webhook.md', import.meta.url), 'utf8');
const awsCli = process.env['ORGTRAIL_TEST_AWS_CLI'];
const exampleEndpoint = 'https://events.example.com/v1/events/00000000-0000-4000-8000-000000000000';

/** What a section of the page has one type into a shell. */
function commandsOf(section: string): string {
  const [, text = ''] = page.split(`## ${section}\n`);
  const [own = ''] = text.split('\n## ');
  return [...own.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands]) => commands).join('\n');
}

const hasCurl = spawnSync('curl', ['--version']).status === 0;

(awsCli !== undefined && hasCurl ? describe : describe.skip)('the commands of docs/webhook.md, in the simulated AWS', () => {
  // Each command of the AWS CLI takes about half a second, and more beside other tests.
  jest.setTimeout(300_000);
  let simulator: Simulator;
  let folder: string;
  let orgtrail: Server;
  /** Of each post. */
  let secrets: (string | undefined)[];
  beforeEach(async () => {
    simulator = await startSimulator({ seed: 9, accounts: 4, organizationalUnits: 1, eventPath: 'none' });
    folder = mkdtempSync(join(tmpdir(), 'orgtrail-webhook-'));
    secrets = [];
    orgtrail = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        secrets.push(request.headers[secretHeader] as string | undefined);
        response.writeHead(body === '{}' ? 422 : 202).end();
      });
    });
    await new Promise<void>((resolve) => orgtrail.listen(0, '127.0.0.1', resolve));
    // Ours is version 1 of the AWS CLI: it would fetch addresses, and does not know AWS_REGION.
    mkdirSync(join(folder, '.aws'));
    writeFileSync(join(folder, '.aws', 'config'), '[default]\nregion = us-east-1\ncli_follow_urlparam = false\n');
    // Each tells with what it was called, as a list of processes would.
    for (const name of ['aws', 'curl', 'orgtrail']) {
      const run = { aws: `exec '${awsCli ?? ''}' "$@"`, curl: 'PATH="${PATH#*:}" exec curl "$@"', orgtrail: 'true' }[name];
      writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> "$HOME/processes"\n${run ?? ''}\n`);
      chmodSync(join(folder, name), 0o755);
    }
  });
  afterEach(async () => {
    orgtrail.closeAllConnections();
    await new Promise((resolve) => orgtrail.close(resolve));
    await simulator.close();
    rmSync(folder, { recursive: true });
  });

  /** Every command has to succeed. */
  const type = (commands: string, pasted = ''): Promise<string> =>
    new Promise((resolve, reject) => {
      const endpoint = `http://127.0.0.1:${(orgtrail.address() as AddressInfo).port}/v1/events/of-the-integration`;
      const child = spawn('bash', ['-eo', 'pipefail', '-c', commands.replace(exampleEndpoint, endpoint)], {
        cwd: folder,
        env: {
          PATH: `${folder}:${process.env['PATH'] ?? ''}`,
          HOME: folder,
          AWS_ENDPOINT_URL: simulator.endpoint,
          AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
          AWS_EC2_METADATA_DISABLED: 'true',
          NO_PROXY: '127.0.0.1',
        },
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
      child.once('close', (code) => (code === 0 ? resolve(said) : reject(new Error(`${String(code)}: ${said}`))));
      child.stdin.end(pasted);
    });
  /** The secret with which a change is told, if it is told. */
  const secretOfAnEvent = async (): Promise<string | undefined> => {
    secrets.length = 0;
    const { id } = simulator.organization.managementAccount;
    simulator.actions.tagResource({ resourceId: id, tags: { at: String(simulator.now()) } });
    await simulator.settled();
    const giveUp = Date.now() + 5000;
    while (secrets.length === 0 && Date.now() < giveUp) await delay(50);
    return secrets[0];
  };
  const left =
    'aws events list-rules; aws events list-connections; aws events list-api-destinations; aws iam list-roles; aws sqs list-queues';

  it('have events posted, rotate the secret, and undo everything, and no secret is left behind or shown to others', async () => {
    const before = await type(left);

    const said = await type(commandsOf('Setting it up'), 'first-secret\n');
    expect(said).toMatch(/HTTP\/1.1 422/);
    expect(secrets).toEqual(['first-secret']);
    expect(await secretOfAnEvent()).toBe('first-secret');

    await type(commandsOf('Secrets'), 'second-secret\n');
    expect(await secretOfAnEvent()).toBe('second-secret');

    const processes = readFileSync(join(folder, 'processes'), 'utf8');
    expect(processes).toMatch(/^curl .*^aws events update-connection/ms);
    expect(processes).not.toMatch(/first-secret|second-secret/);
    expect(existsSync(join(folder, 'secret.json'))).toBe(false);

    await type(commandsOf('Undoing it'));
    expect(await type(left)).toBe(before);
    expect(await secretOfAnEvent()).toBeUndefined();
  });
});
