import { bucketOf, type DelayCount } from './delay-histogram.js';
import type { DelayPart } from './metrics.js';

/** Delays that were seen and are not stored yet. What a crash takes with it are figures, not events. */
export interface DelayBook {
  note(integrationId: string, part: DelayPart, milliseconds: number): void;
  /** Hands out what came together, and begins anew. */
  take(): (DelayCount & { integrationId: string })[];
}

export function createDelayBook(): DelayBook {
  let counts = new Map<string, DelayCount & { integrationId: string }>();
  return {
    note: (integrationId, part, milliseconds) => {
      const bucket = bucketOf(milliseconds);
      const longestMs = Math.max(0, Math.round(milliseconds));
      const key = `${integrationId} ${part} ${bucket}`;
      const known = counts.get(key);
      if (known) {
        known.events += 1;
        known.longestMs = Math.max(known.longestMs, longestMs);
      } else counts.set(key, { integrationId, part, bucket, events: 1, longestMs });
    },
    take: () => {
      const taken = [...counts.values()];
      counts = new Map();
      return taken;
    },
  };
}
