import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './errors.js';
import { processIdentity } from './process-identity.js';

interface Owner {
  pid: number;
  identity: string;
}

export interface DirectoryLock {
  /** The owner before us died without letting go: its server may still run. */
  takenOver: boolean;
  release(): Promise<void>;
}

/**
 * Takes a data directory for this process: the file `<dataDirectory>.owner` names who holds it. A dead owner's file is taken
 * over; a living one's is a clear error. PostgreSQL's own postmaster.pid stands behind this as the last guard.
 */
export async function lockDirectory(dataDirectory: string): Promise<DirectoryLock> {
  const file = `${dataDirectory}.owner`;
  const identity = (await processIdentity(process.pid)) ?? '';
  const before = await take(file, JSON.stringify({ pid: process.pid, identity } satisfies Owner));
  if (before.living !== undefined) throw inUse(dataDirectory, before.living);
  return { takenOver: before.dead, release: () => rm(file, { force: true }) };
}

/** Makes the file ours, unless a living process holds it. Tells what was there before. */
async function take(file: string, content: string): Promise<{ dead: boolean; living?: number }> {
  // Whole from its first moment, because it is linked and not written: who finds it never takes it for one that broke off.
  const ours = `${file}.${randomUUID()}`;
  await writeFile(ours, content, { mode: 0o600 });
  try {
    for (;;) {
      if (await linked(ours, file)) return { dead: false };
      const found = await readFile(file, 'utf8').catch(() => undefined);
      if (found === undefined) continue;
      const living = await livingOwner(found);
      if (living !== undefined) return { dead: false, living };
      // Of those who see the same dead owner one replaces the file, and only while it is still that owner's.
      const turn = `${file}.takeover`;
      if ((await take(turn, content)).living !== undefined) {
        await delay(10);
        continue;
      }
      try {
        if ((await readFile(file, 'utf8').catch(() => undefined)) !== found) continue;
        await rename(ours, file);
        return { dead: true };
      } finally {
        await rm(turn, { force: true });
      }
    }
  } finally {
    await rm(ours, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

async function livingOwner(text: string): Promise<number | undefined> {
  const owner = parseOwner(text);
  return owner !== undefined && (await processIdentity(owner.pid)) === owner.identity ? owner.pid : undefined;
}

export function inUse(dataDirectory: string, pid?: number): EmbeddedPostgresError {
  const who = pid === undefined ? 'another process' : pid === process.pid ? 'this process' : `another process (pid ${pid})`;
  return new EmbeddedPostgresError(
    'IN_USE',
    `The data directory ${dataDirectory} is in use by ${who}: stop that one first, or choose another directory`,
  );
}

function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner>;
    return typeof owner.pid === 'number' && typeof owner.identity === 'string'
      ? { pid: owner.pid, identity: owner.identity }
      : undefined;
  } catch {
    // A file of another making, or of a disk that was full.
    return undefined;
  }
}
