import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const loader = new URL('../../../scripts/jest/typescript-sources.js', import.meta.url).href;
const main = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The `orgtrail` command as a process of its own, from sources. */
export function startOrgtrail(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess & { ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--import', loader, main, ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...output })));
  return Object.assign(child, { ended });
}

export function orgtrail(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return startOrgtrail(args, env).ended;
}
