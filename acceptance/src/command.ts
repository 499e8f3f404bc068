import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the built `orgtrail` command. */
export function startOrgtrail(args: readonly string[], env: Readonly<Record<string, string | undefined>>): ChildProcess {
  return spawn(process.execPath, [join(root, 'cli', 'dist', 'main.js'), ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function orgtrail(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<Ended> {
  return ended(startOrgtrail(args, env));
}

/** Runs named Jest tests; resolves to their summary line. */
export async function jest(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return ended(
    spawn(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        join(root, 'node_modules/jest/bin/jest.js'),
        ...args,
      ],
      { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
    ),
  );
}

function ended(child: ChildProcess): Promise<Ended> {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...output })));
}
