import { readFileSync, writeFileSync } from 'node:fs';
import { it } from '@jest/globals';
import { describeConfiguration } from './describe-configuration.js';

const page = new URL('../../../docs/configuration.md', import.meta.url);
const regenerate = 'UPDATE_DOCS=1 npm run -s jest -- cli/src/output/describe-configuration.test.ts --selectProjects unit';

it('docs/configuration.md says what the services parse', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, describeConfiguration());
  if (readFileSync(page, 'utf8') !== describeConfiguration())
    throw new Error(`docs/configuration.md is out of date. Regenerate it: ${regenerate}`);
});
