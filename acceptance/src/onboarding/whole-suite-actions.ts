import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '../command.js';
import type { Report } from '../report.js';

const root = join(import.meta.dirname, '..', '..', '..');

/** Least privilege, both ways: what the product called over the whole test suite is what its policies allow, and nothing else. */
export async function wholeSuiteCallsWhatPoliciesAllow(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-actions-'));
  try {
    const record = join(folder, 'actions.jsonl');
    report.say('running the whole test suite, about five minutes');
    const { stderr, code } = await jest([], { ORGTRAIL_SIMULATOR_ACTIONS: record });
    const summary = /Tests:.*/.exec(stderr)?.[0] ?? 'no summary';
    report.point('the whole test suite', { figure: `exit ${String(code)}, ${summary}`, bound: 'exit 0', pass: code === 0 });
    report.point('it left a record of actions', { figure: String(existsSync(record)), bound: 'true', pass: existsSync(record) });
    const { code: checked, printed } = await check(record);
    const lines = printed.split('\n').filter((text) => text !== '');
    report.point('policies compared with the record', {
      figure: `${lines.length}, exit ${String(checked)}`,
      bound: '3, exit 0',
      pass: lines.length === 3 && checked === 0,
    });
    for (const line of lines) {
      report.point('actions called against actions allowed', {
        figure: line,
        bound: 'no difference',
        pass: line.includes('never used: none') && line.includes('not allowed: none'),
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function check(record: string): Promise<{ code: number | null; printed: string }> {
  const child = spawn(process.execPath, [join(root, 'scripts', 'check-actions.mjs'), record], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, printed })));
}
