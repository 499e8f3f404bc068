import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const root = join(import.meta.dirname, '..', '..');
const patienceMs = 15_000;
const startTimeoutMs = 60_000;

export const services = ['graph-writer', 'account-mapper', 'discovery'] as const;
export type Service = (typeof services)[number];

/** One of the built services as a process of its own. */
export interface ServiceProcess {
  readonly pid: number;
  /** Both streams, as they came. */
  readonly output: readonly string[];
  isRunning(): boolean;
  /** Null while it runs, and when a signal ended it. */
  readonly exitCode: number | null;
  signal(signal: NodeJS.Signals): void;
  /** Asks it to end, and insists after 15 s. */
  stop(): Promise<void>;
  /** Resolves when the address answers well; rejects with its last words when the process ends before, or after a minute. */
  answering(url: string): Promise<void>;
}

/** `env` is all that the process gets; its API takes a free port unless it says another. */
export function startService(service: Service, env: Readonly<Record<string, string | undefined>>): ServiceProcess {
  const child = spawn(process.execPath, [join(root, 'services', service, 'dist', 'main.js')], {
    env: { API_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    output,
    isRunning,
    get exitCode() {
      return child.exitCode;
    },
    signal: (signal) => void child.kill(signal),
    stop: async () => {
      if (!isRunning()) return;
      const closed = once(child, 'close');
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await closed;
      clearTimeout(late);
    },
    answering: async (url) => {
      const giveUp = Date.now() + startTimeoutMs;
      while (!(await answers(url))) {
        if (!isRunning() || Date.now() > giveUp) {
          throw new Error(`${service} does not answer (exit ${String(child.exitCode)}): ${output.join('').slice(-2000)}`);
        }
        await delay(200);
      }
    },
  };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
