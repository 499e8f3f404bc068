import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exitCodes } from '@orgtrail/service-runtime';
import { openDataDirectory, writeConnection } from '../up/data-directory.js';
import { findApi } from './address.js';

const token = 'a'.repeat(40);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orgtrail-address-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  for (const name of ['ORGTRAIL_URL', 'ORGTRAIL_TOKEN', 'ORGTRAIL_TOKEN_FILE']) process.env[name] = '';
});

function refusalOf(act: () => unknown): { message: string; exitCode: number } {
  try {
    act();
  } catch (error) {
    const { message, exitCode } = error as Error & { exitCode: number };
    return { message, exitCode };
  }
  throw new Error('It was accepted.');
}

describe('the address', () => {
  it('is --url, else ORGTRAIL_URL, else what the running up wrote down', () => {
    const dataDirectory = join(folder, 'up');
    writeConnection(openDataDirectory(dataDirectory), {
      pid: 1,
      pids: [1],
      databaseUrl: 'postgres://x',
      apiUrl: 'http://127.0.0.1:3',
    });
    expect(findApi({ dataDirectory }).base).toBe('http://127.0.0.1:3');
    process.env['ORGTRAIL_URL'] = 'http://127.0.0.1:2';
    expect(findApi({ dataDirectory }).base).toBe('http://127.0.0.1:2');
    expect(findApi({ dataDirectory, url: 'http://127.0.0.1:1/' }).base).toBe('http://127.0.0.1:1');
  });

  it('leaves no directory behind where none was', () => {
    const dataDirectory = join(folder, 'never');
    expect(refusalOf(() => findApi({ dataDirectory }))).toMatchObject({
      exitCode: exitCodes.config,
      message: expect.stringContaining('ORGTRAIL_URL'),
    });
    expect(existsSync(dataDirectory)).toBe(false);
  });

  it('of an up that is still starting is not there yet', () => {
    const dataDirectory = join(folder, 'starting');
    writeConnection(openDataDirectory(dataDirectory), { pid: 1, pids: [1], databaseUrl: 'postgres://x' });
    expect(refusalOf(() => findApi({ dataDirectory }))).toMatchObject({
      exitCode: exitCodes.unavailable,
      message: expect.stringContaining('not ready'),
    });
  });

  it('in a broken file is refused without repeating the file, which holds passwords', () => {
    const directory = openDataDirectory(join(folder, 'broken'));
    writeFileSync(directory.connection, '{"databaseUrl":"postgres://u:hunter2@h/d"');
    const { message, exitCode } = refusalOf(() => findApi({ dataDirectory: directory.path }));
    expect(exitCode).toBe(exitCodes.config);
    expect(message).toContain(directory.connection);
    expect(message).not.toContain('hunter2');
  });

  it.each(['orgtrail', 'ftp://127.0.0.1', 'http://127.0.0.1/?a=1', 'http://ana:hunter2@127.0.0.1'])(
    '%s is refused as usage, and no password is repeated',
    (url) => {
      const { message, exitCode } = refusalOf(() => findApi({ url }));
      expect(exitCode).toBe(exitCodes.usage);
      expect(message).not.toContain('hunter2');
    },
  );
});

describe('the token', () => {
  it('comes from ORGTRAIL_TOKEN or a file, without the line end of the file', () => {
    expect(findApi({ url: 'https://orgtrail.example' })).toEqual({ base: 'https://orgtrail.example' });
    process.env['ORGTRAIL_TOKEN'] = token;
    expect(findApi({ url: 'https://orgtrail.example' }).token).toBe(token);
    process.env['ORGTRAIL_TOKEN_FILE'] = join(folder, 'token');
    writeFileSync(join(folder, 'token'), `${'b'.repeat(40)}\n`);
    expect(findApi({ url: 'https://orgtrail.example' }).token).toBe('b'.repeat(40));
  });

  it.each(['http://orgtrail.example', 'http://127.0.0.1.orgtrail.example', 'http://10.0.0.7:8080'])(
    'is not sent over plain http to %s, unless --insecure says so',
    (url) => {
      process.env['ORGTRAIL_TOKEN'] = token;
      const { message, exitCode } = refusalOf(() => findApi({ url }));
      expect(exitCode).toBe(exitCodes.config);
      expect(message).toContain('readable on its way');
      expect(message).not.toContain(token);
      expect(findApi({ url, insecure: true }).token).toBe(token);
      process.env['ORGTRAIL_TOKEN'] = '';
      expect(findApi({ url })).toEqual({ base: url });
    },
  );

  it.each(['http://127.0.0.1:8080', 'http://[::1]:8080', 'http://localhost:8080'])('is sent over plain http to %s', (url) => {
    process.env['ORGTRAIL_TOKEN'] = token;
    expect(findApi({ url }).token).toBe(token);
  });

  it('that cannot be one is refused without being repeated', () => {
    process.env['ORGTRAIL_TOKEN'] = 'hunter2\nhunter3';
    const { message, exitCode } = refusalOf(() => findApi({ url: 'http://127.0.0.1:1' }));
    expect(exitCode).toBe(exitCodes.config);
    expect(message).toContain('ORGTRAIL_TOKEN');
    expect(message).not.toMatch(/hunter/);
    writeFileSync(join(folder, 'empty'), '\n');
    process.env['ORGTRAIL_TOKEN_FILE'] = join(folder, 'empty');
    expect(refusalOf(() => findApi({ url: 'http://127.0.0.1:1' })).message).toContain('ORGTRAIL_TOKEN_FILE');
  });
});
