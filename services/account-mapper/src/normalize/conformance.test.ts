import { describe, expect, it } from '@jest/globals';
import { deviations, entities, relationships, relationshipType, type DeviationId } from '@orgtrail/graph-model';
import type { graph, observation } from '@orgtrail/proto';
import fc from 'fast-check';
import { accountRows, observationOf } from './account-rows.fixture.js';
import { normalize } from './normalize.js';
import { delegations, map, observe, states } from './observations.fixture.js';

/**
 * Everything that the mapper can emit, held against the rules of the JupiterOne data model and of its SDK. A rule that we follow has a
 * name of its own; one that we do not follow has the name of the deviation.
 */
type Rule =
  | DeviationId
  | 'entity-key'
  | 'type-name'
  | 'classes'
  | 'name'
  | 'values-are-flat'
  | 'tag-values'
  | 'account-vendor'
  | 'organization-has-no-status'
  | 'times-are-milliseconds'
  | 'email-is-text'
  | 'relationship-type'
  | 'relationship-class';

type Properties = Record<string, unknown>;
interface Violation {
  rule: Rule;
  by: string;
}

const isPrimitive = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
const tagsOf = (properties: Properties): [string, unknown][] =>
  Object.entries(properties).flatMap(([name, value]) => (name.startsWith('tag.') ? [[name.slice(4), value]] : []));
const classNames = new Set(['Account', 'Group', 'Organization', 'Record']);

/** What the rules for all entities, and for their classes, say of one. */
function violationsOfEntity({ key, type, classes, displayName, properties = {} }: graph.Entity): Violation[] {
  const found: Violation[] = [];
  const expectThat = (isTrue: boolean, rule: Rule, by: string): void => {
    if (!isTrue) found.push({ rule, by });
  };
  expectThat(key.length >= 10, 'entity-key', key);
  expectThat(/^[a-z]+(_[a-z]+)+$/.test(type), 'type-name', type);
  expectThat(classes.length > 0 && classes.every((one) => classNames.has(one)), 'classes', classes.join());
  expectThat(typeof properties['name'] === 'string', 'name', displayName);
  expectThat(properties['displayName'] === displayName, 'display-name-is-property', displayName);
  for (const [name, value] of Object.entries(properties)) {
    expectThat(/^(_|tag\.)?[A-Za-z0-9. -]+$/.test(name), 'property-names', name);
    const isFlat = isPrimitive(value) || (Array.isArray(value) && value.every(isPrimitive));
    expectThat(isFlat || (name === 'active' && value === null), 'values-are-flat', name);
    if (/^[a-z][A-Za-z]*On$/.test(name)) expectThat(Number.isSafeInteger(value), 'times-are-milliseconds', name);
  }
  if ('active' in properties) expectThat(typeof properties['active'] === 'boolean', 'active-is-boolean', 'active');
  if ('email' in properties) expectThat(typeof properties['email'] === 'string', 'email-is-text', 'email');
  if (classes.includes('Account')) expectThat(typeof properties['vendor'] === 'string', 'account-vendor', 'vendor');
  if (classes.includes('Organization')) {
    for (const name of ['status', 'public', 'temporary', 'expiresOn'])
      expectThat(!(name in properties), 'organization-has-no-status', name);
  }
  for (const [tag, value] of tagsOf(properties)) {
    expectThat(isPrimitive(value), 'tag-values', tag);
    expectThat(!/^(true|false|\d+|\d+\.\d+)$/.test(String(value)) || typeof value !== 'string', 'tag-values-parsed', tag);
    const name = tag.toLowerCase();
    const asProperty = String(value).toLowerCase();
    if (['classification', 'owner', 'email'].includes(name))
      expectThat(properties[name] === asProperty, 'tags-overwrite-properties', tag);
    if (name === 'name') expectThat(displayName === value, 'name-tag-names', tag);
    const isListed = ((properties['tags'] as unknown[] | undefined) ?? []).includes(tag);
    if (value === '' || asProperty === 'true') expectThat(isListed, 'tag-list', tag);
  }
  return found;
}

const typesByKind = new Map(
  Object.values(relationships).map(({ from, class: relationshipClass, to }) => [
    relationshipType(entities[from].type, relationshipClass, entities[to].type),
    relationshipClass as string,
  ]),
);

function violationsOfRelationship({
  key,
  type,
  class: relationshipClass,
  fromKey,
  toKey,
  properties = {},
}: graph.Relationship): Violation[] {
  return [
    ...(typesByKind.get(type) === relationshipClass ? [] : [{ rule: 'relationship-type' as const, by: type }]),
    ...(/^[A-Z_]+$/.test(relationshipClass) ? [] : [{ rule: 'relationship-class' as const, by: relationshipClass }]),
    ...(key === `${fromKey}|${relationshipClass.toLowerCase()}|${toKey}`
      ? []
      : [{ rule: 'relationship-keys' as const, by: key }]),
    ...(properties['displayName'] === relationshipClass ? [] : [{ rule: 'display-name-is-property' as const, by: key }]),
  ];
}

function violationsOf(observed: observation.Observation): Violation[] {
  const { change } = normalize(observed);
  if (change.case !== 'present') return [];
  const { entity, relationships: edges } = change.value;
  return [...(entity ? violationsOfEntity(entity) : []), ...edges.flatMap(violationsOfRelationship)];
}

const isListed = ({ rule }: Violation): boolean => rule in deviations;
const arbitraries = { ...states, delegation: delegations };

describe('the rules of the data model', () => {
  it.each(Object.entries(arbitraries))(
    'hold for whatever the mapper emits of the kind %s, but for the listed deviations',
    (_kind, arbitrary) => {
      fc.assert(
        fc.property(arbitrary, map, (state, configuredTags) => {
          expect(violationsOf(observe(state, { configuredTags })).filter((found) => !isListed(found))).toEqual([]);
        }),
        { numRuns: 300 },
      );
    },
  );

  it.each(accountRows)('hold for an account: $name', (row) => {
    expect(violationsOf(observationOf(row)).filter((found) => !isListed(found))).toEqual([]);
  });

  it('are broken in each of the ways that are listed: what no longer happens is taken off the list', () => {
    const generated = Object.values(arbitraries).flatMap((arbitrary) =>
      fc.sample<Parameters<typeof observe>[0]>(arbitrary, { numRuns: 300, seed: 1 }),
    );
    const observed = [...generated.map((state) => observe(state)), ...accountRows.map(observationOf)];
    const happened = new Set(observed.flatMap(violationsOf).map(({ rule }) => rule));
    expect([...happened].filter((rule) => rule in deviations).sort()).toEqual(Object.keys(deviations).sort());
  });
});
