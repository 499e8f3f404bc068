import { expect, it } from '@jest/globals';
import { atMostEvery } from './at-most-every.js';

it('what happens often is told once in a while, with how often it happened since', () => {
  let now = 0;
  const told: number[] = [];
  const tell = atMostEvery(1000, () => now);
  for (now of [0, 10, 999, 1000, 1001, 2500]) tell((untold) => told.push(untold));
  expect(told).toEqual([0, 2, 1]);
});
