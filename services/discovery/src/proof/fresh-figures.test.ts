import { expect, it } from '@jest/globals';
import { createFreshFigures } from './fresh-figures.js';

it('gauges show nothing that nobody has confirmed for 150 s', () => {
  let now = 0;
  const figures = createFreshFigures(() => now);
  expect(figures.shown()).toEqual({});
  figures.keep({ requestsDue: 3 });
  now = 150_000;
  expect(figures.shown()).toEqual({ requestsDue: 3 });
  now = 150_001;
  expect(figures.shown()).toEqual({});
});
