import { readFileSync, writeFileSync } from 'node:fs';
import { it } from '@jest/globals';
import { describeMembers } from './describe-members.js';

const page = new URL('../../../../docs/members.md', import.meta.url);
const regenerate =
  'UPDATE_DOCS=1 npm run -s jest -- services/discovery/src/members/describe-members.test.ts --selectProjects unit';

it('docs/members.md says what the decision table does', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, describeMembers());
  if (readFileSync(page, 'utf8') !== describeMembers())
    throw new Error(`docs/members.md is out of date. Regenerate it: ${regenerate}`);
});
