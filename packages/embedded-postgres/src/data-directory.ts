import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './errors.js';
import { canReach, reachablePlace, type OsUser } from './os-user.js';
import { serverEnvironment } from './server-process.js';

export const databaseUser = 'orgtrail';

/**
 * Where the data really goes: the directory asked for, unless PostgreSQL must run as another user (we are root) who cannot get
 * there. Then a place that is found again at the next start.
 */
export async function placeOf(asked: string, user: OsUser | undefined): Promise<string> {
  const directory = path.resolve(asked);
  await mkdir(path.dirname(directory), { recursive: true });
  if (user === undefined || (await canReach(user, path.dirname(directory)))) return directory;
  return path.join(await reachablePlace(user, `data ${directory}`), 'postgres');
}

/** Makes sure that the directory holds a database of this major version, with initdb if it is new. Resolves with the password. */
export async function prepareDataDirectory(options: {
  dataDirectory: string;
  binaries: Binaries;
  user: OsUser | undefined;
  fast: boolean;
}): Promise<string> {
  const { dataDirectory, binaries } = options;
  const passwordFile = `${dataDirectory}.password`;
  const version = await readIfThere(path.join(dataDirectory, 'PG_VERSION'));
  let password = await readIfThere(passwordFile);

  if (version !== undefined) {
    if (version !== binaries.majorVersion) {
      throw new EmbeddedPostgresError(
        'WRONG_VERSION',
        `The data directory ${dataDirectory} was made by PostgreSQL ${version}, and this is PostgreSQL ${binaries.majorVersion}: choose another directory, or dump and restore it`,
      );
    }
    if (password === undefined) {
      throw new EmbeddedPostgresError(
        'UNUSABLE_DIRECTORY',
        `The password of the data directory ${dataDirectory} is missing: put the file ${passwordFile} back, or remove the directory`,
      );
    }
    return password;
  }

  const content = await readdir(dataDirectory).catch(() => []);
  if (content.length > 0) {
    throw new EmbeddedPostgresError(
      'UNUSABLE_DIRECTORY',
      `${dataDirectory} is not empty and holds no PostgreSQL database: choose another data directory`,
    );
  }
  if (password === undefined) {
    password = randomBytes(24).toString('base64url');
    await writeFile(passwordFile, password, { mode: 0o600 });
  }
  await initialize({ ...options, password });
  return password;
}

/** Initializes beside the final place and renames at the end: an initdb that is killed half-way leaves nothing that looks finished. */
async function initialize(options: {
  dataDirectory: string;
  binaries: Binaries;
  user: OsUser | undefined;
  fast: boolean;
  password: string;
}): Promise<void> {
  const { dataDirectory, binaries, user, fast, password } = options;
  const unfinished = `${dataDirectory}.unfinished`;
  const handedOver = `${dataDirectory}.password.initdb`;
  await rm(unfinished, { recursive: true, force: true });
  await rm(handedOver, { force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(handedOver, password, { mode: 0o600 });
  if (user !== undefined) {
    await chown(unfinished, user.uid, user.gid);
    await chown(handedOver, user.uid, user.gid);
  }
  const arguments_ = [
    ...['-D', unfinished, '-U', databaseUser, '--auth=scram-sha-256', `--pwfile=${handedOver}`],
    // The built-in locale, which PostgreSQL has since 17, sorts and folds the same on every machine, whatever the system's libc knows.
    ...['--encoding=UTF8', '--locale=C', '--no-instructions'],
    ...(Number(binaries.majorVersion) >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []),
    ...(fast ? ['--no-sync'] : []),
  ];
  try {
    await promisify(execFile)(binaries.initdb, arguments_, { ...user, cwd: '/', env: serverEnvironment() });
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? '';
    throw new EmbeddedPostgresError('UNUSABLE_DIRECTORY', `initdb could not prepare ${dataDirectory}: ${said}`, { cause });
  } finally {
    await rm(handedOver, { force: true });
  }
  await rename(unfinished, dataDirectory);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code !== 'EACCES') throw error;
    throw new EmbeddedPostgresError(
      'UNUSABLE_DIRECTORY',
      `${file} belongs to another user: start as that user, or choose another data directory`,
      {
        cause: error,
      },
    );
  }
}
