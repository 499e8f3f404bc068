import { describe, expect, it } from '@jest/globals';
import { judgeOutcomes, type Outcomes } from './judge-outcomes.js';

const good = (count: number): Outcomes => Array.from({ length: count }, () => null);
const dead = (count: number): Outcomes => Array.from({ length: count }, () => 'UNPARSABLE');

describe('the bound of dead letters', () => {
  it('is 20 in a row, over several batches too', () => {
    expect(judgeOutcomes(good(3), dead(20)).tooMany).toBeUndefined();
    expect(judgeOutcomes(good(3), dead(22)).tooMany).toEqual({ index: 20, figures: '21 in a row, 21 of the last 24' });
    expect(judgeOutcomes(judgeOutcomes([], dead(20)).outcomes, dead(1)).tooMany).toMatchObject({ index: 0 });
    expect(judgeOutcomes([...good(3), ...dead(20)], [...good(1), ...dead(20)]).tooMany).toBeUndefined();
  });

  it('is 5 % of the last 1,000, however they are spread', () => {
    const twentieth: Outcomes = Array.from({ length: 1000 }, (_, index) => (index % 20 === 0 ? 'UNPARSABLE' : null));
    expect(judgeOutcomes([], twentieth).tooMany).toBeUndefined();
    expect(judgeOutcomes(twentieth.slice(1), dead(1)).tooMany).toBeUndefined();
    expect(judgeOutcomes(twentieth.slice(1), dead(2)).tooMany).toMatchObject({ index: 1 });
  });

  it('does not count against a stream that has hardly begun', () => {
    expect(judgeOutcomes([], [...dead(3), ...good(3)])).toEqual({ outcomes: [...dead(3), ...good(3)] });
  });
});
