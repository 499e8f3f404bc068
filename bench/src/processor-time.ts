import { readdir, readFile } from 'node:fs/promises';

/** Ticks a second in /proc, on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Seconds of processor time of a process and all that it ever started and that ended or still runs. Linux only: 0 elsewhere. */
export async function processorSeconds(pid: number): Promise<number> {
  const children = await childrenOf(pid);
  const own = await ticks(pid, { withEnded: true });
  const others = await Promise.all(children.map((child) => ticks(child, { withEnded: false })));
  return [own, ...others].reduce((sum, value) => sum + value, 0) / ticksPerSecond;
}

async function childrenOf(pid: number): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(pids.map(async (child) => ({ child, parent: Number((await fieldsOf(child))[1]) })));
  return parents.filter(({ parent }) => parent === pid).map(({ child }) => child);
}

async function ticks(pid: number, { withEnded }: { withEnded: boolean }): Promise<number> {
  const fields = await fieldsOf(pid);
  const [user, system, endedUser, endedSystem] = [11, 12, 13, 14].map((index) => Number(fields[index] ?? 0));
  return (user ?? 0) + (system ?? 0) + (withEnded ? (endedUser ?? 0) + (endedSystem ?? 0) : 0);
}

/** The fields of /proc/<pid>/stat behind the name, which may have spaces: state, parent, … */
async function fieldsOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
