import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './index.js';
import { hasEndedWithin, processIdentity } from './process-identity.js';

// Real processes on a busy machine: this is a bound for what hangs, no expectation.
jest.setTimeout(60_000);

let folder: string;
let dataDirectory: string;
const servers: EmbeddedPostgres[] = [];
const processes: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'orgtrail-embedded-'));
  await chmod(folder, 0o711);
  dataDirectory = path.join(folder, 'postgres');
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  for (const owner of processes.splice(0)) owner.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function start(settings: { dataDirectory?: string; port?: number; fast?: boolean } = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDirectory, fast: true, ...settings });
  servers.push(server);
  return server;
}

async function query(server: { connectionString: string }, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Another process that owns the server. */
async function startElsewhere(): Promise<{
  owner: ChildProcess;
  said: { pid: number; connectionString: string; error?: string };
}> {
  const loader = path.resolve(import.meta.dirname, '../../../scripts/jest/typescript-sources.js');
  const owner = spawn(process.execPath, ['--import', loader, path.join(import.meta.dirname, 'start.fixture.ts'), dataDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(owner);
  let text = '';
  for await (const chunk of owner.stdout) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return { owner, said: JSON.parse(text) as { pid: number; connectionString: string; error?: string } };
}

async function kill(owner: ChildProcess): Promise<void> {
  const exit = once(owner, 'exit');
  owner.kill('SIGKILL');
  await exit;
}

describe('startEmbeddedPostgres', () => {
  it('starts a real PostgreSQL 18 on 127.0.0.1 only, and stop ends it', async () => {
    const server = await start();
    expect(await query(server, `SELECT current_setting('server_version_num')::integer / 10000 AS major`)).toEqual([
      { major: 18 },
    ]);
    expect(await query(server, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(server, `SELECT lower('ÄÖÜ') AS folded, current_database() AS name`)).toEqual([
      { folded: 'äöü', name: 'orgtrail' },
    ]);
    await server.stop();
    expect(await processIdentity(server.pid)).toBeUndefined();
    expect((await server.exited).code).toBe(0);
  });

  it('continues with the same data and password at the next start', async () => {
    const first = await start({ fast: false });
    await query(first, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.stop();
    const second = await start({ fast: false });
    expect(await query(second, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
    expect(new URL(second.connectionString).password).toBe(new URL(first.connectionString).password);
    expect((await stat(`${dataDirectory}.password`)).mode & 0o777).toBe(0o600);
  });

  it('lets nobody in without the password', async () => {
    const server = await start();
    const address = new URL(server.connectionString);
    address.password = 'wrong';
    await expect(query({ connectionString: address.href }, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('refuses a directory in use by this process, and by another one, in one sentence', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({
      code: 'IN_USE',
      message: `The data directory ${dataDirectory} is in use by this process: stop that one first, or choose another directory`,
    });
    const { said } = await startElsewhere();
    expect(said.error).toContain(`is in use by another process (pid ${process.pid})`);
  });

  it('lets one of two who start at once win, and the other see why', async () => {
    const both = await Promise.all([startElsewhere(), startElsewhere()]);
    expect(both.filter(({ said }) => said.error === undefined)).toHaveLength(1);
    expect(both.filter(({ said }) => said.error?.includes('is in use') === true)).toHaveLength(1);
  });

  it('recovers what was committed when the server was killed with SIGKILL', async () => {
    const first = await start({ fast: false });
    await query(first, 'CREATE TABLE kept AS SELECT 1 AS one');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    await first.stop();
    expect(await readdir(dataDirectory)).toContain('postmaster.pid');
    expect(await query(await start(), 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });

  it('does not leave the server behind when its owner is killed with SIGKILL', async () => {
    const { owner, said } = await startElsewhere();
    await query(said, 'CREATE TABLE kept AS SELECT 1 AS one');
    await kill(owner);
    expect(await hasEndedWithin(said.pid, 15_000)).toBe(true);
    expect(await query(await start(), 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });

  it('finds and stops a server that outlived its owner all the same', async () => {
    const { owner, said } = await startElsewhere();
    await query(said, 'CREATE TABLE kept AS SELECT 1 AS one');
    // The owner's other child is the shell that would stop the server: without it the server is an orphan.
    for (const pid of await childrenOf(owner.pid!)) if (pid !== said.pid) process.kill(pid, 'SIGKILL');
    await kill(owner);
    expect(await query(said, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
    expect(await query(await start(), 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
    expect(await processIdentity(said.pid)).toBeUndefined();
  });

  it('begins anew after a set-up that was killed half-way', async () => {
    await mkdir(`${dataDirectory}.unfinished`);
    await writeFile(path.join(`${dataDirectory}.unfinished`, 'PG_VERSION'), '18\n');
    expect(await query(await start(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('refuses data of another PostgreSQL version, and touches nothing', async () => {
    await mkdir(dataDirectory);
    await writeFile(path.join(dataDirectory, 'PG_VERSION'), '16\n');
    await expect(start()).rejects.toMatchObject({
      code: 'WRONG_VERSION',
      message: `The data directory ${dataDirectory} was made by PostgreSQL 16, and this is PostgreSQL 18: choose another directory, or dump and restore it`,
    });
    expect(await readdir(dataDirectory)).toEqual(['PG_VERSION']);
  });

  it('refuses a directory that holds something else', async () => {
    await mkdir(dataDirectory);
    await writeFile(path.join(dataDirectory, 'holiday.jpg'), 'sea');
    await expect(start()).rejects.toMatchObject({ code: 'UNUSABLE_DIRECTORY' });
    expect(await readFile(path.join(dataDirectory, 'holiday.jpg'), 'utf8')).toBe('sea');
  });

  it('names the port that is taken, and lets go of the directory', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      await expect(start({ port })).rejects.toMatchObject({
        code: 'PORT_TAKEN',
        message: expect.stringContaining(`Port ${port} on 127.0.0.1`),
      });
    } finally {
      other.close();
    }
    expect((await start({ port })).port).toBe(port);
  });

  it('finds a place that its own user can reach when root asks for one that it cannot', async () => {
    await chmod(folder, 0o700);
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.stop();
    const second = await start();
    expect(await query(second, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
    expect(second.dataDirectory).toBe(first.dataDirectory);
    // Only root has to go elsewhere.
    expect(second.dataDirectory === dataDirectory).toBe(process.getuid?.() !== 0);
    await second.stop();
    if (second.dataDirectory !== dataDirectory) await rm(path.dirname(second.dataDirectory), { recursive: true });
  });
});

async function childrenOf(pid: number): Promise<number[]> {
  if (process.platform === 'linux') {
    const threads = await readdir(`/proc/${pid}/task`);
    const lists = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')));
    return lists.join(' ').split(' ').filter(Boolean).map(Number);
  }
  const ps = spawn('pgrep', ['-P', String(pid)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of ps.stdout) text += String(chunk);
  return text.split('\n').filter(Boolean).map(Number);
}
