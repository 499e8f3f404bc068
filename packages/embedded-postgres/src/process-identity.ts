import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * Text that tells a living process from a later one with the same pid: its start time. `undefined` when there is no such
 * process. A zombie counts as gone: it holds nothing any more, and where nobody reaps it stays for ever.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // proc_pid_stat(5): the name in parentheses may hold anything; behind it the state is field 3, the start time field 22.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return line === '' || fields[0] === 'Z' ? undefined : fields[19];
  }
  const seen = await psOf(pid, 'lstart=,stat=');
  return seen === '' || / Z\S*$/.test(seen) ? undefined : seen.replace(/\s+\S+$/, '');
}

/** The command line of a process, or `''`. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform !== 'linux') return psOf(pid, 'args=');
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.replaceAll('\0', ' ').trim();
}

async function psOf(pid: number, format: string): Promise<string> {
  const answer = await promisify(execFile)('ps', ['-p', String(pid), '-o', format]).catch(() => ({ stdout: '' }));
  return answer.stdout.trim();
}

/** True when the process has gone within the time. */
export async function hasEndedWithin(pid: number, boundMs: number): Promise<boolean> {
  const deadline = performance.now() + boundMs;
  while ((await processIdentity(pid)) !== undefined) {
    if (performance.now() >= deadline) return false;
    await delay(25);
  }
  return true;
}

/** Sends a signal to a process that may have gone meanwhile. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
