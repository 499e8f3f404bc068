import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { describeValues } from './describe-values.js';
import { chart } from './helm.js';

const page = path.join(chart, 'README.md');
const regenerate = 'UPDATE_DOCS=1 npm run -s jest -- charts/src/describe-values.test.ts --selectProjects unit';
const [begin, end] = ['<!-- values: generated from values.schema.json and values.yaml -->\n', '\n<!-- end of values -->'];

it("the chart's README says what its values are", () => {
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(begin) as [string, string];
  const current = `${before}${begin}${describeValues()}${end}${rest.split(end)[1] ?? ''}`;
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, current);
  else if (text !== current) throw new Error(`charts/orgtrail/README.md is out of date. Regenerate it: ${regenerate}`);
});

it('values.yaml has a default for each value of the schema, and no other', () => {
  const schema = JSON.parse(readFileSync(path.join(chart, 'values.schema.json'), 'utf8')) as Shape;
  const values = parse(readFileSync(path.join(chart, 'values.yaml'), 'utf8')) as Record<string, unknown>;
  const { global: passedByHelm, ...properties } = schema.properties ?? {};
  expect(passedByHelm).toBeDefined();
  expect(pathsOfValues(values)).toEqual(pathsOfSchema({ properties }));
});

it('the three services have the same values, but for the APIs and the webhook', () => {
  const { properties } = JSON.parse(readFileSync(path.join(chart, 'values.schema.json'), 'utf8')) as Required<Shape>;
  const { api, webhook, ...ofDiscovery } = properties['discovery']?.properties ?? {};
  expect(api).toBeDefined();
  expect(webhook).toBeDefined();
  expect(properties['accountMapper']?.properties).toEqual(ofDiscovery);
  expect(properties['graphWriter']?.properties).toEqual({ ...ofDiscovery, api });
});

interface Shape {
  properties?: Record<string, Shape>;
}

/** As far as both go: resources and maps of the user's own are leaves. */
function pathsOfSchema({ properties }: Shape, prefix = ''): string[] {
  if (!properties || 'requests' in properties) return [prefix];
  return Object.entries(properties)
    .flatMap(([name, shape]) => pathsOfSchema(shape, prefix === '' ? name : `${prefix}.${name}`))
    .sort();
}

function pathsOfValues(value: unknown, prefix = ''): string[] {
  const isLeaf =
    typeof value !== 'object' || value === null || Array.isArray(value) || 'requests' in value || Object.keys(value).length === 0;
  if (isLeaf) return [prefix];
  return Object.entries(value)
    .flatMap(([name, inner]) => pathsOfValues(inner, prefix === '' ? name : `${prefix}.${name}`))
    .sort();
}
