import { describe, expect, it } from '@jest/globals';
import { historyMonths } from './history-months.js';

describe('the months of the history', () => {
  it('are this one and the next two, in UTC and in microseconds, without a gap', () => {
    const months = historyMonths(new Date('2026-11-30T23:59:59.999Z'));
    expect(months.map(({ name }) => name)).toEqual(['changes_2026_11', 'changes_2026_12', 'changes_2027_01']);
    expect(months[0]?.from).toBe(BigInt(Date.UTC(2026, 10, 1)) * 1000n);
    expect(months[2]?.until).toBe(BigInt(Date.UTC(2027, 1, 1)) * 1000n);
    expect(months.slice(1).map(({ from }) => from)).toEqual(months.slice(0, -1).map(({ until }) => until));
  });
});
