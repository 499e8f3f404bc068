import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeEvents } from './describe-events.js';
import { irrelevantEvents } from './irrelevant.js';
import { eventKinds } from './registry.js';

const page = new URL('../../../../docs/events.md', import.meta.url);
const regenerate = 'UPDATE_DOCS=1 npm run -s jest -- services/discovery/src/events/describe-events.test.ts --selectProjects unit';

it('docs/events.md says what the registry does', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, describeEvents());
  if (readFileSync(page, 'utf8') !== describeEvents())
    throw new Error(`docs/events.md is out of date. Regenerate it: ${regenerate}`);
});

it('no event is known twice', () => {
  const keys = [
    ...eventKinds.map(({ source, name }) => `${source} ${name}`),
    ...irrelevantEvents.flatMap(({ source, names }) => names.map((name) => `${source} ${name}`)),
  ];
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});
