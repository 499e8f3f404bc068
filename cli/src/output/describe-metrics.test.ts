import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeMetrics } from './describe-metrics.js';

const page = new URL('../../../docs/metrics.md', import.meta.url);
const regenerate = 'UPDATE_DOCS=1 npm run -s jest -- cli/src/output/describe-metrics.test.ts --selectProjects unit';

it('docs/metrics.md describes the metrics that the services declare', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, describeMetrics());
  if (readFileSync(page, 'utf8') !== describeMetrics())
    throw new Error(`docs/metrics.md is out of date. Regenerate it: ${regenerate}`);
});

it('no two services give one name to different things', () => {
  const names = [...describeMetrics().matchAll(/^\| `(orgtrail_\w+)`/gm)].map(([, name]) => name);
  expect(new Set(names).size).toBe(names.length);
});
