import { readFileSync, writeFileSync } from 'node:fs';
import { it } from '@jest/globals';
import { describeApi } from './describe-api.js';

const page = new URL('../../../docs/api.md', import.meta.url);
const regenerate = 'UPDATE_DOCS=1 npm run -s jest -- cli/src/output/describe-api.test.ts --selectProjects unit';

it('docs/api.md lists the routes of all services and the settings that there are', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, describeApi());
  if (readFileSync(page, 'utf8') !== describeApi()) throw new Error(`docs/api.md is out of date. Regenerate it: ${regenerate}`);
});
