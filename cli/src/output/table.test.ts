import { expect, it } from '@jest/globals';
import { formatTable } from './table.js';

it('columns begin below their headings, whatever is colored or composed in them', () => {
  const lines = formatTable(
    ['name', 'status', 'path'],
    [
      ['Zoe\u0308', '\u001b[32mCONNECTED\u001b[39m', '/a'],
      ['a long name', 'FAILED', '/b'],
    ],
  ).split('\n');
  expect(lines).toEqual([
    'name         status     path',
    '-----------  ---------  ----',
    'Zoe\u0308          \u001b[32mCONNECTED\u001b[39m  /a',
    'a long name  FAILED     /b',
  ]);
});
