import { expect, it } from '@jest/globals';
import { createRandom } from '../random.js';
import { firstAfter, Ordered } from './ordered.js';

const keyOf = ({ key }: { key: string }): string => key;

it('is in order after any changes, and holds each key once', () => {
  const random = createRandom(3);
  const truth = new Map<string, { key: string; turn: number }>();
  const ordered = new Ordered(keyOf, []);
  for (let turn = 0; turn < 2000; turn += 1) {
    const item = { key: random.text(2, '01abZ'), turn };
    if (random.chance(0.4)) {
      ordered.remove(item.key);
      truth.delete(item.key);
    } else {
      ordered.put(item);
      truth.set(item.key, item);
    }
  }
  expect(truth.size).toBeGreaterThan(5);
  expect(ordered.items).toEqual([...truth.keys()].sort().map((key) => truth.get(key)));
});

it('finds what comes after a key, whether that is there or not', () => {
  const items = ['b', 'd', 'f'];
  const after = (key: string) => firstAfter(items, (item) => item, key);
  expect(['a', 'b', 'c', 'f', 'g'].map(after)).toEqual([0, 1, 1, 3, 3]);
});
