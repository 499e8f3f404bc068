import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDirectory, type DirectoryLock } from './directory-lock.js';

let folder: string;
let dataDirectory: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'orgtrail-lock-'));
  dataDirectory = path.join(folder, 'postgres');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const dead = JSON.stringify({ pid: 2 ** 22 + 1, identity: 'long ago' });

async function manyAtOnce(): Promise<{ won: DirectoryLock[]; refusals: string[] }> {
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(dataDirectory)));
  return {
    won: outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value),
    refusals: outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => String(reason)),
  };
}

describe('lockDirectory', () => {
  it.each([
    ['that nobody held', undefined, undefined, false],
    ['of a dead owner', dead, undefined, true],
    ['whose owner is not to be read', '{"pid":', undefined, true],
    ['of a dead owner whose taker died as well', dead, dead, true],
  ])('lets one of many win a directory %s, each time', async (_, left, taker, takenOver) => {
    for (let round = 1; round <= 40; round += 1) {
      if (left !== undefined) await writeFile(`${dataDirectory}.owner`, left);
      if (taker !== undefined) await writeFile(`${dataDirectory}.owner.takeover`, taker);
      const { won, refusals } = await manyAtOnce();
      expect(won.map((lock) => lock.takenOver)).toEqual([takenOver]);
      expect(refusals).toHaveLength(7);
      expect(refusals.filter((text) => text.includes('is in use by this process'))).toHaveLength(7);
      expect(JSON.parse(await readFile(`${dataDirectory}.owner`, 'utf8'))).toMatchObject({ pid: process.pid });
      await won[0]?.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('never shows a file that names nobody yet', async () => {
    const file = `${dataDirectory}.owner`;
    for (let round = 1; round <= 40; round += 1) {
      let locked: DirectoryLock | undefined;
      const taking = lockDirectory(dataDirectory).then((lock) => (locked = lock));
      while (locked === undefined) {
        if (existsSync(file)) expect(readFileSync(file, 'utf8')).not.toBe('');
        await setImmediate();
      }
      await (await taking).release();
    }
  });
});
