import { describe, expect, it } from '@jest/globals';
import { createBackoff, levelOf, pause } from './backoff.js';

describe('a backoff', () => {
  it('doubles up to the longest pause, and begins anew after a success', () => {
    const backoff = createBackoff({ firstMs: 100, longestMs: 1_000, random: () => 1 });
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.nextMs())).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(backoff.attempts).toBe(6);
    backoff.reset();
    expect(backoff.nextMs()).toBe(100);
  });

  it('never pauses less than half of its step', () => {
    const backoff = createBackoff({ firstMs: 100, longestMs: 1_000, random: () => 0 });
    expect([backoff.nextMs(), backoff.nextMs()]).toEqual([50, 100]);
  });

  it('is told of ever more rarely', () => {
    const loud = Array.from({ length: 40 }, (_, index) => index + 1).filter((attempt) => levelOf(attempt) === 'warn');
    expect(loud).toEqual([1, 2, 4, 8, 16, 32]);
  });

  it('is cut short by the signal', async () => {
    const stopping = new AbortController();
    const paused = pause(3_600_000, stopping.signal);
    stopping.abort();
    await paused;
    await pause(3_600_000, stopping.signal);
  });
});
