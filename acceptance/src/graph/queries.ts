import { benchReads } from '@orgtrail/bench';
import type { Report } from '../report.js';

/** Milliseconds that people may wait, 99 of 100 times. */
const longestWait = 50;
const longestWaitForAll = 2000;
const bounds: readonly { of: string; bound: number }[] = [
  { of: 'history of an account', bound: longestWait },
  { of: 'an account as of a time', bound: longestWait },
  { of: 'path of an account', bound: longestWait },
  { of: 'a subtree of 1,000 accounts', bound: longestWait },
  { of: 'the organization as of a time', bound: longestWaitForAll },
];

/** What people ask, at 50,000 accounts and a million changes: as the owner, and as a reader who sees no e-mail addresses. */
export async function queries(report: Report): Promise<void> {
  const figures = await benchReads({ print: (line) => report.say(line), say: (line) => report.say(line) });
  for (const { question, p99 } of figures) {
    const bounded = bounds.find(({ of }) => question.startsWith(`${of},`));
    if (bounded !== undefined) report.atMost(`${question}: p99`, p99, bounded.bound, 'ms');
  }
}
