import { readFile, rename, rm, writeFile } from 'node:fs/promises';
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
  const content = JSON.stringify({ pid: process.pid, identity: (await processIdentity(process.pid)) ?? '' } satisfies Owner);
  let takenOver = false;
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    try {
      await writeFile(file, content, { flag: 'wx', mode: 0o600 });
      return { takenOver, release: () => rm(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const found = await readFile(file, 'utf8').catch(() => undefined);
    if (found === undefined) continue;
    const owner = parseOwner(found);
    if (owner !== undefined && (await processIdentity(owner.pid)) === owner.identity) throw inUse(dataDirectory, owner.pid);
    // Moved aside, not deleted: of two who see the same dead owner, the second must not remove the first one's new file.
    const aside = `${file}.${process.pid}`;
    await rename(file, aside).catch(() => undefined);
    const moved = await readFile(aside, 'utf8').catch(() => undefined);
    if (moved !== undefined && moved !== found) await writeFile(file, moved, { flag: 'wx', mode: 0o600 }).catch(() => undefined);
    await rm(aside, { force: true });
    takenOver = true;
  }
  throw inUse(dataDirectory);
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
    // Its writer was killed half-way.
    return undefined;
  }
}
