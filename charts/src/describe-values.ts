import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { chart } from './helm.js';

interface Schema {
  type?: string;
  description?: string;
  enum?: string[];
  properties?: Record<string, Schema>;
}

/** The services share one shape; the table shows it once. */
const alike = ['accountMapper', 'graphWriter'];

/** The chart's values as the table of its README: from the schema, with the defaults of values.yaml. */
export function describeValues(): string {
  const schema = JSON.parse(readFileSync(path.join(chart, 'values.schema.json'), 'utf8')) as Schema;
  const defaults: unknown = parse(readFileSync(path.join(chart, 'values.yaml'), 'utf8'));
  const rows = rowsOf(schema, defaults, '').filter(
    ([name = '']) => !alike.some((service) => name.startsWith(`${service}.`)) && name !== 'global',
  );
  return [
    '| value | default | meaning |',
    '|---|---|---|',
    ...rows.map(([name, byDefault, meaning]) => `| \`${name}\` | ${byDefault} | ${meaning} |`),
  ].join('\n');
}

function rowsOf({ properties, description, enum: choices }: Schema, byDefault: unknown, name: string): string[][] {
  if (properties && !isResources(properties)) {
    return Object.entries(properties).flatMap(([key, property]) =>
      rowsOf(property, (byDefault as Record<string, unknown> | undefined)?.[key], name === '' ? key : `${name}.${key}`),
    );
  }
  const shown = byDefault === undefined || byDefault === '' ? '–' : `\`${JSON.stringify(byDefault).replaceAll('"', '')}\``;
  const oneOf = choices
    ? ` One of ${choices
        .filter((choice) => choice !== '')
        .map((choice) => `\`${choice}\``)
        .join(', ')}`
    : '';
  return [[name, shown, `${description ?? ''}${oneOf === '' ? '' : `.${oneOf}`}`]];
}

const isResources = (properties: Record<string, Schema>): boolean => 'requests' in properties;
