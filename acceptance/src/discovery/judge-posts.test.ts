import { expect, it } from '@jest/globals';
import { createReport } from '../report.js';
import type { SenderResult } from './event-sender.js';
import { judgePosts } from './judge-posts.js';

const good: SenderResult = { answers: { 202: 95, 503: 5 }, kept: [], milliseconds: [3, 40, 900], latestMs: 20 };

function failedOf(result: Partial<SenderResult>): number {
  const report = createReport(
    'webhook',
    () => undefined,
    () => undefined,
  );
  judgePosts(report, { ...good, ...result }, { perSecond: 10, seconds: 10 });
  return report.failed;
}

it('passes a webhook that keeps nearly all and answers in time', () => expect(failedOf({})).toBe(0));

it.each([
  ['puts every post off', { answers: { 503: 100 } }],
  ['leaves a post without an answer', { answers: { 202: 99, none: 1 } }],
  ['was not even sent a post', { answers: { 202: 99 } }],
  ['answers one after 5 s', { milliseconds: [3, 5001] }],
  ['was sent the posts late', { latestMs: 2001 }],
])('fails one that %s', (_how, result) => expect(failedOf(result)).toBe(1));
