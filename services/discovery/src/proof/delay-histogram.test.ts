import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createDelayBook } from './delay-book.js';
import { figuresOf } from './delay-histogram.js';

const figures = (delays: readonly number[]) => {
  const book = createDelayBook();
  for (const delay of delays) book.note('one', 'aws', delay);
  return figuresOf(book.take());
};

describe('delays', () => {
  it('have no figures without events', () => {
    expect(figures([])).toBeUndefined();
  });

  it('are within a fifth of the true quantile, and exact at the longest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 200 }), (delays) => {
        const sorted = [...delays].sort((left, right) => left - right);
        const known = figures(delays);
        expect(known).toMatchObject({ events: delays.length, max: (sorted.at(-1) ?? 0) / 1000 });
        for (const [share, told] of [
          [0.5, known?.p50 ?? 0],
          [0.95, known?.p95 ?? 0],
        ] as const) {
          const truth = (sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1000;
          expect(told).toBeGreaterThanOrEqual(truth - 1e-9);
          expect(told).toBeLessThanOrEqual(Math.max(0.001, truth * 1.2));
        }
      }),
    );
  });

  it('are handed out once', () => {
    const book = createDelayBook();
    book.note('one', 'queue', 5);
    book.note('two', 'queue', 5);
    book.note('two', 'queue', 5);
    expect(book.take().map(({ integrationId, events }) => [integrationId, events])).toEqual([
      ['one', 1],
      ['two', 2],
    ]);
    expect(book.take()).toEqual([]);
  });
});
