import type { AwsConnection } from '@orgtrail/aws';
import type { CallCount } from './sql/call-counts.js';

/** Counts the calls of one connection since the last question. */
export interface CallMeter {
  take(): CallCount[];
}

/** `budget` looks a minute back: throttled calls are taken from there once a minute, calls at each question. */
export function createCallMeter(aws: Pick<AwsConnection, 'calls' | 'budget'>, now: () => number = Date.now): CallMeter {
  let before = aws.calls();
  let throttledAt = now();
  return {
    take: () => {
      const counts = aws.calls();
      const isMinute = now() - throttledAt >= 60_000;
      if (isMinute) throttledAt = now();
      const taken = aws.budget().map(({ operation, allowedPerSecond, throttledLast60s }): CallCount => ({
        operation,
        allowedPerSecond,
        calls: (counts[operation] ?? 0) - (before[operation] ?? 0),
        throttled: isMinute ? throttledLast60s : 0,
      }));
      before = counts;
      return taken.filter(({ calls, throttled }) => calls > 0 || throttled > 0);
    },
  };
}
