import { describe, expect, it } from '@jest/globals';
import type { Outcomes } from '@orgtrail/messaging';
import { outcomesWithinBounds, TooManyDeadLetters } from './poison-policy.js';

const good = (count: number): Outcomes => Array.from({ length: count }, () => null);
const dead = (count: number): Outcomes => Array.from({ length: count }, () => 'UNPARSABLE');

describe('the bound of dead letters', () => {
  it('is 20 in a row, over several batches too', () => {
    expect(outcomesWithinBounds(good(3), dead(20))).toHaveLength(23);
    expect(() => outcomesWithinBounds(good(3), dead(21))).toThrow(TooManyDeadLetters);
    expect(() => outcomesWithinBounds(outcomesWithinBounds([], dead(20)), dead(1))).toThrow('21 in a row');
    expect(() => outcomesWithinBounds([...good(3), ...dead(20)], [...good(1), ...dead(20)])).not.toThrow();
  });

  it('is 5 % of the last 1,000, however they are spread', () => {
    const twentieth: Outcomes = Array.from({ length: 1000 }, (_, index) => (index % 20 === 0 ? 'UNPARSABLE' : null));
    expect(outcomesWithinBounds([], twentieth)).toHaveLength(1000);
    expect(() => outcomesWithinBounds(twentieth.slice(1), dead(1))).not.toThrow();
    expect(() => outcomesWithinBounds(twentieth.slice(1), [...dead(1), ...dead(1)])).toThrow('51 of the last 1000');
  });

  it('does not count against a stream that has hardly begun', () => {
    expect(() => outcomesWithinBounds([], [...dead(3), ...good(3)])).not.toThrow();
  });

  it('says how many of the new records are still within it, and why the last is not', () => {
    let thrown: unknown;
    try {
      outcomesWithinBounds(dead(15), [...dead(5), ...dead(9)]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ allowed: 5, refused: 9, message: expect.stringContaining('the last one: UNPARSABLE') });
  });
});
