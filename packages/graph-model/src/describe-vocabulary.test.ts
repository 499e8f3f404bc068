import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeGraphModel } from './describe-vocabulary.js';
import { properties, propertyFamilies, relationshipProperties } from './properties.js';

const page = new URL('../../../docs/graph-model.md', import.meta.url);
const regenerate = 'UPDATE_DOCS=1 npm run -s jest -- packages/graph-model/src/describe-vocabulary.test.ts --selectProjects unit';

it('docs/graph-model.md says what the vocabulary does', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, describeGraphModel());
  if (readFileSync(page, 'utf8') !== describeGraphModel())
    throw new Error(`docs/graph-model.md is out of date. Regenerate it: ${regenerate}`);
});

it('every property says what it is and where it comes from', () => {
  const named = [...Object.values(properties), ...Object.values(relationshipProperties)].flatMap((of) => Object.values(of));
  for (const { description, source } of [...named, ...propertyFamilies]) {
    expect([description, source]).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/\S/)]);
  }
});
