import { describe, expect, it } from '@jest/globals';
import { createClockSkew } from './clock-skew.js';

const at = (seconds: number) => new Date(seconds * 1000).toUTCString();

describe('the skew of our clock', () => {
  it('is unknown before an answer, and without a date in it', () => {
    const skew = createClockSkew();
    skew.heard({ date: undefined, begunAt: 0, endedAt: 10 });
    skew.heard({ date: 'yesterday', begunAt: 0, endedAt: 10 });
    expect(skew.milliseconds()).toBeUndefined();
  });

  it("is ours minus AWS's, in the middle of the call and in the middle of the second that the date names", () => {
    const skew = createClockSkew();
    skew.heard({ date: at(1_000), begunAt: 1_060_400, endedAt: 1_060_600 });
    expect(skew.milliseconds()).toBe(60_000);
    skew.heard({ date: at(1_000), begunAt: 970_400, endedAt: 970_600 });
    expect(skew.milliseconds()).toBe(-30_000);
  });

  it('does not listen to answers that were long in coming, as those of a long poll', () => {
    const skew = createClockSkew();
    skew.heard({ date: at(1_000), begunAt: 980_500, endedAt: 1_000_500 });
    expect(skew.milliseconds()).toBeUndefined();
  });
});
