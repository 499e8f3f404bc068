import type { IntegrationFigures } from './metrics.js';

/** What gauges show: the last figures, for as long as they can be called what is the case. */
export interface FreshFigures {
  keep(figures: IntegrationFigures): void;
  shown(): IntegrationFigures;
}

const longestMs = 150_000;

/** `now` in milliseconds, monotonic. */
export function createFreshFigures(now: () => number = () => performance.now()): FreshFigures {
  let kept: { figures: IntegrationFigures; at: number } | undefined;
  return {
    keep: (figures) => {
      kept = { figures, at: now() };
    },
    // A gauge that is absent is noticed; one that stands still is believed.
    shown: () => (kept && now() - kept.at <= longestMs ? kept.figures : {}),
  };
}
