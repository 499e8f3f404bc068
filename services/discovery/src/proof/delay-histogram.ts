import type { DelayPart } from './metrics.js';

/** Delays of one part that fell into one bucket. */
export interface DelayCount {
  part: DelayPart;
  bucket: number;
  events: number;
  longestMs: number;
}

export interface DelayFigures {
  events: number;
  /** Seconds. Quantiles are exact to a fifth. */
  p50: number;
  p95: number;
  max: number;
}

/** Bucket n holds delays up to 2^(n/4) milliseconds: a year is bucket 140. */
const bucketsPerDoubling = 4;
const largestBucket = 160;

export function bucketOf(milliseconds: number): number {
  if (!(milliseconds > 1)) return 0;
  return Math.min(largestBucket, Math.ceil(bucketsPerDoubling * Math.log2(milliseconds)));
}

/** Of one part; undefined where there is no event. Pure. */
export function figuresOf(counts: readonly Omit<DelayCount, 'part'>[]): DelayFigures | undefined {
  const sorted = [...counts].sort((left, right) => left.bucket - right.bucket);
  const events = sorted.reduce((sum, count) => sum + count.events, 0);
  if (events === 0) return undefined;
  const longestMs = Math.max(...sorted.map((count) => count.longestMs));
  const quantile = (share: number): number => {
    let passed = 0;
    for (const { bucket, events: inBucket } of sorted) {
      passed += inBucket;
      if (passed >= share * events) return Math.min(longestMs, 2 ** (bucket / bucketsPerDoubling)) / 1000;
    }
    return longestMs / 1000;
  };
  return { events, p50: quantile(0.5), p95: quantile(0.95), max: longestMs / 1000 };
}
