import { expect, it } from '@jest/globals';
import { mergeReads } from '../observed/merge.js';
import { unknownSubject, type AccountCore } from '../observed/subject-state.js';
import { isUnannounceable } from './unannounceable.js';

const core = (version: bigint, state: string, name = 'one') =>
  ({ part: 'core', version, value: { arn: 'arn', name, state } satisfies AccountCore }) as const;
const judged = (from: string, to: string, name?: string): boolean => {
  const before = mergeReads(unknownSubject, [core(1n, from)]).state;
  const { state, change } = mergeReads(before, [core(2n, to, name)]);
  return isUnannounceable(before, state, change);
};

it.each([
  ['ACTIVE', 'SUSPENDED'],
  ['SUSPENDED', 'ACTIVE'],
  ['PENDING_ACTIVATION', 'ACTIVE'],
  ['PENDING_CLOSURE', 'CLOSED'],
])('no event tells that an account goes from %s to %s', (from, to) => {
  expect(judged(from, to)).toBe(true);
});

it('an event tells that an account is to be closed', () => {
  expect(judged('ACTIVE', 'PENDING_CLOSURE')).toBe(false);
});

it('an event tells of a new name, whatever else AWS did', () => {
  expect(judged('ACTIVE', 'SUSPENDED', 'another')).toBe(false);
});
