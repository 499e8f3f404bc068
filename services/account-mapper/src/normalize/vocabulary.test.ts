import { describe, expect, it, jest } from '@jest/globals';
import {
  entities,
  properties,
  propertyFamilies,
  relationshipProperties,
  type EntityKind,
  type PropertyType,
} from '@orgtrail/graph-model';
import type { observation } from '@orgtrail/proto';
import fc from 'fast-check';
import { normalize } from './normalize.js';
import { delegations, map, observe, states } from './observations.fixture.js';

const isOfType: Record<PropertyType, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  time: (value) => Number.isSafeInteger(value),
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};

function entityOf(observed: observation.Observation) {
  const { change } = normalize(observed);
  if (change.case !== 'present' || !change.value.entity) throw new Error('There is no entity.');
  return change.value.entity;
}

describe.each(Object.keys(entities) as EntityKind[])('whatever AWS says of a subject of the kind %s', (kind) => {
  const vocabulary = properties[kind];
  const prefixes = propertyFamilies.filter(({ of }) => of.includes(kind)).map(({ prefix }) => prefix);
  const familyOf = (name: string) => prefixes.find((prefix) => name.startsWith(prefix));

  it('becomes an entity whose properties are in the vocabulary, each of its type', () => {
    fc.assert(
      fc.property(states[kind], map, (state, configuredTags) => {
        const { type, properties: given = {} } = entityOf(observe(state, { configuredName: 'Acme', configuredTags }));
        expect(type).toBe(entities[kind].type);
        for (const [name, value] of Object.entries(given)) {
          if (familyOf(name) !== undefined) {
            expect(typeof value).toBe('string');
            continue;
          }
          const known = vocabulary[name];
          if (known === undefined) throw new Error(`The vocabulary does not know ${name}.`);
          if (!(value === null && known.nullable) && !isOfType[known.type](value))
            throw new Error(`${name} is no ${known.type}: ${JSON.stringify(value)}.`);
        }
        for (const [name, { absent }] of Object.entries(vocabulary)) {
          if (absent === undefined && !(name in given)) throw new Error(`${name} is absent.`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('becomes the same entity each time, by no clock and no chance, and leaves the observation as it was', () => {
    const impure = (): never => {
      throw new Error('The mapper is pure.');
    };
    jest.spyOn(Date, 'now').mockImplementation(impure);
    jest.spyOn(Math, 'random').mockImplementation(impure);
    fc.assert(
      fc.property(states[kind], map, (state, configuredTags) => {
        const observed = observe(state, { configuredName: 'Acme', configuredTags });
        const before = structuredClone(observed);
        const first = entityOf(observed);
        expect(entityOf(observed)).toEqual(first);
        expect(observed).toEqual(before);
      }),
      { numRuns: 100, seed: 1 },
    );
    jest.restoreAllMocks();
  });

  it('can have every property of the vocabulary', () => {
    const seen = new Set<string>();
    for (const state of fc.sample(states[kind], { numRuns: 500, seed: 1 })) {
      for (const name of Object.keys(entityOf(observe(state, { configuredTags: { AccountName: 'x' } })).properties ?? {})) {
        seen.add(familyOf(name) ?? name);
      }
    }
    expect([...seen].sort()).toEqual([...new Set([...Object.keys(vocabulary), ...prefixes])].sort());
  });
});

it('whatever AWS says of a delegation becomes relationships whose properties are in the vocabulary, each of its type', () => {
  const vocabulary = relationshipProperties.accountManagesOrganization ?? {};
  const seen = new Set<string>();
  fc.assert(
    fc.property(delegations, (state) => {
      const { change } = normalize(observe(state));
      if (change.case !== 'present') throw new Error('It is not present.');
      for (const { properties: given = {} } of change.value.relationships) {
        for (const [name, value] of Object.entries(given)) {
          seen.add(name);
          expect([name, isOfType[vocabulary[name]!.type](value)]).toEqual([name, true]);
        }
        expect(given).toHaveProperty('servicePrincipal');
      }
    }),
    { numRuns: 200, seed: 1 },
  );
  expect([...seen].sort()).toEqual(Object.keys(vocabulary).sort());
});
