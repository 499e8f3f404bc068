import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { OsUser } from './os-user.js';
import { commandLine, hasEndedWithin, signal } from './process-identity.js';

export interface ServerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  pid: number;
  exited: Promise<ServerExit>;
  stop(): Promise<void>;
}

const fastShutdownMs = 6_000;
const immediateShutdownMs = 2_000;

/** Only what the programs need: a PGPORT or PGOPTIONS of the user's shell must not reach them. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

/** Settings that differ from PostgreSQL's own defaults. */
function settingsOf(
  port: number,
  { fast, parameters }: { fast: boolean; parameters: Readonly<Record<string, string>> },
): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    // One machine, no replicas: no need for what only they read.
    wal_level: 'minimal',
    max_wal_senders: '0',
    // Parallel workers talk through /dev/shm, of which a container has 64 MB.
    max_parallel_workers_per_gather: '0',
    log_checkpoints: 'off',
    ...(fast ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
    ...parameters,
  };
}

export async function startServerProcess(options: {
  postgres: string;
  dataDirectory: string;
  port: number;
  user: OsUser | undefined;
  fast: boolean;
  parameters: Readonly<Record<string, string>>;
  logFile: string;
}): Promise<ServerProcess> {
  const settings = Object.entries(settingsOf(options.port, options)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await open(options.logFile, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(options.postgres, ['-D', options.dataDirectory, ...settings], {
      ...options.user,
      cwd: '/',
      env: serverEnvironment(),
      stdio: ['ignore', log.fd, log.fd],
      // A process group of its own: Ctrl-C goes to the whole foreground group, and the database must outlive the drain.
      detached: true,
    });
  } finally {
    await log.close();
  }
  const exited = new Promise<ServerExit>((resolve, reject) => {
    child.once('exit', (code, name) => resolve({ code, signal: name }));
    child.once('error', reject);
  });
  const { pid } = child;
  if (pid === undefined) {
    await exited;
    throw new Error(`${options.postgres} did not start`);
  }
  // A program that forgets `stop` may end all the same; the watchdog then stops the server.
  child.unref();
  const watchdog = startWatchdog(options.dataDirectory, pid, options.user);
  let ended = false;
  void exited.then(() => {
    ended = true;
    watchdog.kill('SIGKILL');
  });

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    if (!ended) await endServer(pid);
    await exited;
    watchdog.kill('SIGKILL');
    await hasEndedWithin(watchdog.pid ?? 0, 1_000);
  };
  return { pid, exited, stop: () => (stopping ??= stop()) };
}

/**
 * Our own death by SIGKILL runs no code of ours, but it closes our end of this pipe: the shell at the other end wakes up and
 * stops the server that we left behind, if postmaster.pid still names it. It needs no more than a POSIX shell.
 */
function startWatchdog(dataDirectory: string, pid: number, user: OsUser | undefined): ChildProcess {
  const script = `
    trap '' INT TERM HUP
    read -r _
    for signal in INT INT INT INT INT INT QUIT QUIT KILL; do
      read -r holder < "$0/postmaster.pid" && [ "$holder" = "$1" ] || exit 0
      kill -"$signal" "$1" || exit 0
      sleep 1
    done`;
  const watchdog = spawn('/bin/sh', ['-c', script, dataDirectory, String(pid)], {
    ...user,
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell the next start still finds and stops the server (`stopOrphan`).
  watchdog.on('error', () => undefined);
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  return watchdog;
}

/** Stops the server that a dead owner left on this directory, if there is one. */
export async function stopOrphan(dataDirectory: string): Promise<void> {
  const pid = await runningServer(dataDirectory);
  if (pid !== undefined) await endServer(pid);
}

/** The pid of the server that runs on this directory now. A stale postmaster.pid, as kill -9 leaves it, names none. */
export async function runningServer(dataDirectory: string): Promise<number | undefined> {
  const text = await readFile(path.join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0)) return undefined;
  const line = await commandLine(pid);
  return line.includes('postgres') && line.includes(dataDirectory) ? pid : undefined;
}

/** SIGINT is PostgreSQL's fast shutdown (sessions are ended, the data is flushed), SIGQUIT the immediate one (recovery at the next start). */
async function endServer(pid: number): Promise<void> {
  signal(pid, 'SIGINT');
  if (await hasEndedWithin(pid, fastShutdownMs)) return;
  signal(pid, 'SIGQUIT');
  if (await hasEndedWithin(pid, immediateShutdownMs)) return;
  signal(pid, 'SIGKILL');
  await hasEndedWithin(pid, immediateShutdownMs);
}
