import { expect, it } from '@jest/globals';
import { createRetryTimes } from './retry-times.js';

it('tries again later after each failure, at most a minute later, and at once with other settings', () => {
  let now = 0;
  const retries = createRetryTimes(() => now);
  const integration = { id: 'id', settingsVersion: '1' };
  expect(retries.isDue(integration)).toBe(true);
  for (const seconds of [4, 8, 16, 32, 60, 60]) {
    retries.failed(integration);
    now += seconds * 1000 - 1;
    expect(retries.isDue(integration)).toBe(false);
    expect(retries.isDue({ ...integration, settingsVersion: '2' })).toBe(true);
    now += 1;
    expect(retries.isDue(integration)).toBe(true);
  }
  retries.failed(integration);
  retries.forget('id');
  expect(retries.isDue(integration)).toBe(true);
});
