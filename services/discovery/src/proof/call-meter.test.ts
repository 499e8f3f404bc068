import { expect, it } from '@jest/globals';
import { createCallMeter } from './call-meter.js';

it('counts calls since the last question, and throttled ones once a minute', () => {
  let now = 0;
  const calls: Record<string, number> = { ListAccounts: 5 };
  const meter = createCallMeter(
    {
      calls: () => ({ ...calls }),
      budget: () => [
        { operation: 'ListAccounts', allowedPerSecond: 4, usedLast60s: 0, throttledLast60s: 2, waiting: 0 },
        { operation: 'ListRoots', allowedPerSecond: 0.5, usedLast60s: 0, throttledLast60s: 0, waiting: 0 },
      ],
    },
    () => now,
  );
  calls['ListAccounts'] = 12;
  expect(meter.take()).toEqual([{ operation: 'ListAccounts', allowedPerSecond: 4, calls: 7, throttled: 0 }]);
  expect(meter.take()).toEqual([]);
  now = 60_000;
  expect(meter.take()).toEqual([{ operation: 'ListAccounts', allowedPerSecond: 4, calls: 0, throttled: 2 }]);
});
