import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
/** What a shell, or a version manager's shim, answers for a command that is not installed. */
const COMMAND_NOT_FOUND = 127;

export interface TestMoto {
  /** `http://127.0.0.1:<port>`, for every AWS service. Any credentials are good; they are those of account 123456789012. */
  endpoint: string;
  pid: number;
  /** Resolves when the process has ended. */
  stop(): Promise<void>;
}

/**
 * An AWS that we did not write: `moto_server` (Python, `moto[server]`), the one named by `ORGTRAIL_TEST_MOTO_SERVER`, else the one on the
 * PATH. Undefined where there is none.
 */
export async function startMoto(): Promise<TestMoto | undefined> {
  const command = await findMotoServer();
  if (command === undefined) return undefined;
  // Port 0: the system picks a free one, and no other process can take it in between.
  const server = spawn(command, ['-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
  });
  const output = collectOutput(server);
  const failure = once(server, 'error').then(([error]) => error as Error);
  await Promise.race([once(server, 'spawn'), failure.then((error) => Promise.reject(error))]);
  const ended = once(server, 'exit');
  const killWithParent = (): void => void server.kill('SIGKILL');
  process.once('exit', killWithParent);
  void ended.then(() => process.off('exit', killWithParent));
  const stop = async (): Promise<void> => {
    if (!isRunning(server)) return;
    server.kill('SIGTERM');
    const late = setTimeout(() => server.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(late);
  };

  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const endpoint = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(output())?.[1];
    if (endpoint !== undefined && (await answers(endpoint))) return { endpoint, pid: server.pid!, stop };
    if (server.exitCode === COMMAND_NOT_FOUND) return undefined;
    if (!isRunning(server) || Date.now() > deadline) {
      await stop();
      throw new Error(`moto_server (${command}) did not start. Its last words:\n${output().slice(-3000)}`);
    }
    await sleep(50);
  }
}

async function findMotoServer(): Promise<string | undefined> {
  const given = process.env['ORGTRAIL_TEST_MOTO_SERVER'];
  if (given) {
    if (await isExecutable(given)) return given;
    throw new Error(`ORGTRAIL_TEST_MOTO_SERVER names ${given}, which is no executable file.`);
  }
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const candidate = join(folder, 'moto_server');
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Reads what the server prints for as long as it runs (it prints each request, and would block), and keeps the beginning. */
function collectOutput(server: ChildProcess): () => string {
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      if (output.length < 10_000) output += chunk;
    });
  }
  return () => output;
}

function isRunning(server: ChildProcess): boolean {
  return server.exitCode === null && server.signalCode === null;
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/moto-api/`, { signal: AbortSignal.timeout(5_000) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
}
