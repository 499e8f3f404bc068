import { describe, expect, it } from '@jest/globals';
import { accountChange, pendingGiven, recordOf } from './changes.fixture.js';
import { halvesOf } from './halves.js';
import type { ReadRecord } from './read-record.js';

let offset = 0;
const read = (scope: string): ReadRecord => ({
  record: recordOf(null, (offset += 1)),
  change: pendingGiven(accountChange('444455556666', { scope, version: 1 })),
});
const many = (scope: string, count: number): ReadRecord[] => Array.from({ length: count }, () => read(scope));
const scopesIn = (records: readonly ReadRecord[]): string[] => [
  ...new Set(records.flatMap((one) => ('change' in one ? [one.change.scope] : []))),
];

describe('halves', () => {
  it('have each scope in one of them, in its order, and are about as long', () => {
    const records = [...many('a', 400), ...many('b', 300), ...many('c', 300), ...many('a', 200), ...many('b', 100)];
    const halves = halvesOf(records);
    expect([scopesIn(halves?.main ?? []), scopesIn(halves?.aside ?? [])]).toEqual([['a'], ['b', 'c']]);
    expect([halves?.main.length, halves?.aside.length]).toEqual([600, 700]);
    for (const half of [halves?.main ?? [], halves?.aside ?? []])
      expect(half).toEqual(records.filter((one) => half.includes(one)));
  });

  it('have what is of no scope in the main one', () => {
    const failed: ReadRecord = { record: recordOf(null, 1), failure: { code: 'UNPARSABLE', message: '' } };
    const halves = halvesOf([...many('a', 500), failed, ...many('b', 500)]);
    expect(halves?.main).toContain(failed);
    expect(halves?.aside).not.toContain(failed);
  });

  it.each([
    ['few records', [...many('a', 400), ...many('b', 400)]],
    ['nearly all of one scope', [...many('a', 3000), ...many('b', 100)]],
    [
      'a change of a whole scope',
      [
        ...many('a', 600),
        ...many('b', 600),
        {
          record: recordOf(null, 1),
          scopeChange: {
            ...{ scope: 'a', version: 1n, subject: 'integration', observedAt: new Date(), cause: null, baseline: false },
            ...{ removed: true, purgeEmail: false },
          },
        },
      ],
    ],
  ])('are not made of %s', (_, records) => {
    expect(halvesOf(records)).toBeUndefined();
  });
});
