import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { BusAddress } from './connect.js';
import { eventually } from './recorder.js';

/** What `member.fixture.ts` is started with. */
export interface MemberTask {
  address: BusAddress;
  topic: string;
  group: string;
  /** How it handles a batch: at once, never to the end, or when it reads a line, after a heartbeat. */
  handling: 'at once' | 'for ever' | 'when told';
}

/** A line that `member.fixture.ts` writes. */
export type MemberReport = { ready: true } | { handling: string[] } | { heartbeat: 'kept' | 'lost' } | { handled: string[] };

export interface MemberProcess {
  reports: MemberReport[];
  handling: () => string[];
  heartbeats: () => string[];
  /** Goes on with the batch in hand (`when told`). */
  tell: () => void;
  freeze: () => void;
  thaw: () => void;
  /** As the kernel does it when memory runs out: no goodbye to anybody. */
  kill: () => Promise<void>;
}

const loader = new URL('../../../../scripts/jest/typescript-sources.js', import.meta.url).href;

/** A consumer in a process of its own, so that it can die. Resolves when it holds its partitions. */
export async function startMemberProcess(task: MemberTask): Promise<MemberProcess> {
  const script = new URL('./member.fixture.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', loader, script, JSON.stringify(task)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const reports: MemberReport[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => reports.push(JSON.parse(line) as MemberReport));
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  await eventually('the member process is ready', () => {
    if (hasEnded()) throw new Error('The member process ended before it was ready');
    return reports.some((report) => 'ready' in report);
  });
  return {
    reports,
    handling: () => reports.flatMap((report) => ('handling' in report ? report.handling : [])),
    heartbeats: () => reports.flatMap((report) => ('heartbeat' in report ? [report.heartbeat] : [])),
    tell: () => void child.stdin.write('go on\n'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: async () => {
      if (!hasEnded()) child.kill('SIGKILL');
      await ended;
    },
  };
}
