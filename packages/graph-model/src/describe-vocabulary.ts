import { accountKey, organizationKey, parentKey } from './keys.js';
import { properties, propertyFamilies, type Property, type PropertyType } from './properties.js';
import { relationshipType } from './relationship.js';
import { entities, relationships, type EntityKind } from './vocabulary.js';

const scope = { partition: '<partition>', organizationId: 'o-…', managementAccountId: '<management>' };
const keys: Record<EntityKind, string> = {
  organization: `\`${organizationKey(scope)}\``,
  root: `\`${parentKey(scope, 'r-…')}\``,
  organizationalUnit: `\`${parentKey(scope, 'ou-…')}\``,
  account: `\`${accountKey(scope, '<id>')}\``,
  handshake: "the handshake's ARN",
};
const kinds = Object.keys(entities) as EntityKind[];
const typeNames: Record<PropertyType, string> = {
  text: 'text',
  boolean: 'boolean',
  time: 'number, epoch milliseconds',
  texts: 'array of text',
};

/** The entity types as a Markdown table. */
export function describeEntities(): string {
  return table(
    ['type', 'class', 'key', 'what'],
    kinds.map((kind) => {
      const { type, classes, description } = entities[kind];
      return [`\`${type}\``, classes.join(', '), keys[kind], description];
    }),
  );
}

/** The relationship types as a Markdown table. */
export function describeRelationships(): string {
  return table(
    ['type', 'class', 'from', 'to', 'owned by'],
    Object.values(relationships).map(({ from, class: relationshipClass, to, owner }) => [
      `\`${relationshipType(entities[from].type, relationshipClass, entities[to].type)}\``,
      relationshipClass,
      `\`${entities[from].type}\``,
      `\`${entities[to].type}\``,
      owner,
    ]),
  );
}

/** The properties of every entity type: a heading and a Markdown table each. */
export function describeProperties(): string {
  return kinds
    .map((kind) => `### \`${entities[kind].type}\`\n\n${table(['property', 'type', 'what', 'absent where'], propertiesOf(kind))}`)
    .join('\n\n');
}

function propertiesOf(kind: EntityKind): string[][] {
  const named = Object.entries(properties[kind]).map(([name, property]: [string, Property]) => [
    `\`${name}\``,
    property.nullable ? `${typeNames[property.type]}, or null` : typeNames[property.type],
    property.description,
    property.absent ?? '',
  ]);
  const families = propertyFamilies
    .filter(({ of }) => of.includes(kind))
    .map(({ prefix, description }) => [`\`${prefix}<key>\``, 'text', description, '']);
  return [...named, ...families];
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll('|  |', '| |');
  return [line(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map(line)].join('\n');
}
