import { readFileSync, writeFileSync } from 'node:fs';
import { it } from '@jest/globals';
import { describePermissions } from './describe-permissions.js';

const page = new URL('../../../../docs/permissions.md', import.meta.url);
const regenerate =
  'UPDATE_DOCS=1 npm run -s jest -- services/discovery/src/onboarding/describe-permissions.test.ts --selectProjects unit';

it('docs/permissions.md lists the actions that are declared', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, describePermissions());
  if (readFileSync(page, 'utf8') !== describePermissions()) {
    throw new Error(`docs/permissions.md is out of date. Regenerate it: ${regenerate}`);
  }
});
