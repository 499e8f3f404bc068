import { accountKey, organizationKey, parentKey } from './keys.js';
import { deviations } from './deviations.js';
import { properties, propertyFamilies, relationshipProperties, type Property, type PropertyType } from './properties.js';
import { relationshipType } from './relationship.js';
import { entities, relationships, type EntityKind, type RelationshipKind } from './vocabulary.js';

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

/** docs/graph-model.md: what can stand in the graph, and where it comes from. */
export function describeGraphModel(): string {
  return `# The vocabulary of the graph

Types, classes and keys follow the JupiterOne data model, so that queries written for it mean the same here; where they do not, see
[below](#where-it-deviates). [graph.md](graph.md) tells of the tables, views and functions in which all this stands.

This page is generated from \`packages/graph-model\`.

## Entities

${describeEntities()}

The key is the ARN, and \`scope\` is the id of the integration: together they are the identity of a row. Every entity counts for one account
(\`account_id\`): an account for itself, everything else for the management account.

## Relationships

An edge is replaced as a whole with everything else that its owner owns. Its key is \`<from key>|<class in lower case>|<to key>\`, followed by the service
for a delegation.

${describeRelationships()}

## Properties

Times are epoch milliseconds. What is not known is absent, not null, but for \`active\`. Names, tags and addresses are as AWS has them.

${describeProperties()}

## Where it deviates

Everything that the mapper can emit is held against the rules of the data model. These are not followed, on purpose:

${table(
  ['rule', 'here', 'why'],
  Object.values(deviations).map(({ rule, ours, why }) => [rule, ours, why]),
)}
`;
}

function describeEntities(): string {
  return table(
    ['type', 'class', 'key', 'what'],
    kinds.map((kind) => {
      const { type, classes, description } = entities[kind];
      return [`\`${type}\``, classes.join(', '), keys[kind], description];
    }),
  );
}

function describeRelationships(): string {
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

/** Of every entity type and of the relationship types that have some: a heading and a Markdown table each. */
function describeProperties(): string {
  const ofEntities = kinds.map((kind) => section(entities[kind].type, propertiesOf(kind)));
  const ofRelationships = Object.entries(relationshipProperties).map(([kind, named]) => {
    const { from, class: relationshipClass, to } = relationships[kind as RelationshipKind];
    return section(relationshipType(entities[from].type, relationshipClass, entities[to].type), rowsOf(named));
  });
  return [...ofEntities, ...ofRelationships].join('\n\n');
}

function section(type: string, rows: readonly (readonly string[])[]): string {
  return `### \`${type}\`\n\n${table(['property', 'type', 'what', 'source', 'absent where'], rows)}`;
}

function propertiesOf(kind: EntityKind): string[][] {
  const families = propertyFamilies
    .filter(({ of }) => of.includes(kind))
    .map(({ prefix, description, source }) => [`\`${prefix}<key>\``, 'text', description, source, '']);
  return [...rowsOf(properties[kind]), ...families];
}

function rowsOf(named: Record<string, Property>): string[][] {
  return Object.entries(named).map(([name, { type, nullable, description, source, absent }]) => [
    `\`${name}\``,
    nullable ? `${typeNames[type]}, or null` : typeNames[type],
    description,
    source,
    absent ?? '',
  ]);
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll('|  |', '| |');
  return [line(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map(line)].join('\n');
}
