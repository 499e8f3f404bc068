import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { AppliedChange } from '@orgtrail/graph-writer';
import { formatChange } from './change-line.js';

const state = { displayName: 'payments', properties: { 'tag.team': 'a' }, relationships: [] };
const change: AppliedChange = {
  scope: 'a3bb189e-8bf9-4888-9912-ace4e6543002',
  subject: 'account:444455556666',
  key: 'arn:aws:iam::444455556666:root',
  type: 'aws_account',
  kind: 'UPDATED',
  displayName: 'payments',
  accountId: '444455556666',
  observedAt: new Date(0),
  appliedAt: new Date(0),
  version: 2n,
  before: state,
  after: { ...state, properties: { 'tag.team': 'b' } },
};
const cause = { eventId: 'e', eventName: 'TagResource', principalArn: 'arn:aws:iam::111122223333:user/ana' };
const line = (what: Partial<AppliedChange>): string => stripVTControlCharacters(formatChange({ ...change, ...what }, new Map()));

describe('the line of a change', () => {
  it.each<[string, Partial<AppliedChange>, string]>([
    [
      'says what changed, and that nobody told of it',
      {},
      'changed    444455556666 payments  tag.team "a" -> "b"  found by a sync',
    ],
    ['says who', { cause }, 'changed    444455556666 payments  tag.team "a" -> "b"  by ana (TagResource)'],
    [
      'says who did what was found before',
      { cause, before: change.after! },
      'explained  444455556666 payments  by ana (TagResource)',
    ],
  ])('%s', (_, what, said) => {
    expect(line(what)).toBe(`00:00:00  ${said}`);
  });
});
