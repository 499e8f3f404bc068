import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulator } from '@orgtrail/aws-simulator';
import { setUpDesk, type Desk, type Ran } from './installation.js';
import type { Report } from '../report.js';

const root = join(import.meta.dirname, '..', '..', '..');
const page = join(root, 'docs', 'getting-started.md');
const managementAccountInTheText = /111122223333/g;

interface Block {
  heading: string;
  code: string;
  /** The comment before it. */
  kind: 'ends' | 'runs until Ctrl-C' | 'again until it ends well';
}

/** Does what the page says, block after block, as somebody who copies it. */
export async function followTheDocument(report: Report): Promise<void> {
  const blocks = blocksOf(await readFile(page, 'utf8'));
  const actions = new Set(blocks.flatMap(({ heading }) => /^(\d)\. /.exec(heading)?.[1] ?? []));
  report.point('actions from installed to connected, numbered in docs/getting-started.md', {
    figure: actions.size,
    bound: 'at most 6',
    pass: actions.size > 0 && actions.size <= 6,
  });
  const simulator = await startSimulator({ seed: 66, accounts: 30, organizationalUnits: 6, eventPath: 'none' });
  const desk = await setUpDesk(simulator);
  const background: { stop(): Promise<number | null> }[] = [];
  let exports = '';
  try {
    for (const [index, block] of blocks.entries()) {
      const inDemo = block.heading === 'The demo';
      if (!inDemo && exports === '' && background.length > 0) {
        // The reader ends the demo before going on.
        const code = await background.pop()?.stop();
        report.point('the demo after Ctrl-C: exit code', { figure: String(code), bound: 0, pass: code === 0 });
      }
      const code = block.code.replace(managementAccountInTheText, simulator.organization.managementAccount.id);
      const cwd = inDemo ? root : desk.folder;
      const outcome = await follow(block, { desk, text: `set -e\n${exports}${code}`, cwd, background });
      exports += code
        .split('\n')
        .filter((line) => line.startsWith('export '))
        .map((line) => `${line}\n`)
        .join('');
      report.point(`docs/getting-started.md, block ${index + 1} (${block.heading}): ${firstLine(code)}`, {
        figure: outcome.code === 0 ? 'done' : `exit ${String(outcome.code)}: ${outcome.said.slice(-600)}`,
        bound: 'done',
        pass: outcome.code === 0,
      });
      if (outcome.code !== 0) return;
    }
  } finally {
    for (const running of background) await running.stop();
    await simulator.close();
    await desk.remove();
  }
}

const firstLine = (code: string): string => code.split('\n').find((line) => !line.startsWith('export ')) ?? code;

async function follow(
  { kind }: Block,
  { desk, text, cwd, background }: { desk: Desk; text: string; cwd: string; background: { stop(): Promise<number | null> }[] },
): Promise<Ran> {
  if (kind === 'runs until Ctrl-C') return begin(desk, { text, cwd, background });
  const giveUp = Date.now() + 120_000;
  for (;;) {
    const ran = await desk.shell(text, { cwd });
    if (ran.code === 0 || kind === 'ends' || Date.now() > giveUp) return ran;
    await delay(2_000);
  }
}

/** Leaves it running, as in a first terminal. Done when it says that it is ready. */
async function begin(
  desk: Desk,
  { text, cwd, background }: { text: string; cwd: string; background: { stop(): Promise<number | null> }[] },
): Promise<Ran> {
  const child = spawn('bash', ['-c', text], {
    cwd,
    env: desk.environment('management'),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C goes to all of it.
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (more: string) => (said += more));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  background.push({
    stop: () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
      return ended;
    },
  });
  const giveUp = Date.now() + 120_000;
  while (!said.includes('Orgtrail is ready')) {
    if (child.exitCode !== null || Date.now() > giveUp) return { code: child.exitCode ?? 1, said, stdout: said };
    await delay(200);
  }
  return { code: 0, said, stdout: said };
}

/** Every block of shell commands, with the heading above and the comment before it. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let kind: Block['kind'] = 'ends';
  let code: string[] | undefined;
  for (const line of markdown.split('\n')) {
    if (code === undefined) {
      heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
      const comment = /^<!-- (runs until Ctrl-C|again until it ends well) -->$/.exec(line)?.[1];
      if (comment !== undefined) kind = comment as Block['kind'];
      if (line.startsWith('```')) code = [];
      continue;
    }
    if (line.startsWith('```')) {
      blocks.push({ heading, code: code.join('\n'), kind });
      code = undefined;
      kind = 'ends';
    } else {
      code.push(line);
    }
  }
  return blocks;
}
