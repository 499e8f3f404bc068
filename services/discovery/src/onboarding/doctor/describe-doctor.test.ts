import { readFileSync, writeFileSync } from 'node:fs';
import { it } from '@jest/globals';
import { describeDoctor } from './describe-doctor.js';

const page = new URL('../../../../../docs/doctor.md', import.meta.url);
const regenerate =
  'UPDATE_DOCS=1 npm run -s jest -- services/discovery/src/onboarding/doctor/describe-doctor.test.ts --selectProjects unit';

it('docs/doctor.md lists the checks that there are', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, describeDoctor());
  if (readFileSync(page, 'utf8') !== describeDoctor())
    throw new Error(`docs/doctor.md is out of date. Regenerate it: ${regenerate}`);
});
