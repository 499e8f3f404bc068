import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from '@jest/globals';
import { entities, properties, propertyFamilies, type EntityKind, type PropertyType } from '@orgtrail/graph-model';
import { observation } from '@orgtrail/proto';
import fc from 'fast-check';
import { normalize } from './normalize.js';

type State = Exclude<MessageInitShape<typeof observation.ObservationSchema>, { $typeName: string }>['state'];

const time = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(timestampFromMs);
const texts = fc.array(fc.string(), { maxLength: 4 });
// Any key but those that no object can hold as its own.
const map = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  fc.string(),
  { maxKeys: 4 },
);
const tags = fc.record({ values: map, fromIndex: fc.boolean() });
const placement = fc.record({ parentId: fc.constantFrom('r-ab12', 'ou-ab12-11111111'), ancestorIds: texts });
const accountId = fc.stringMatching(/^\d{12}$/);
const member = fc.record(
  {
    status: fc.string(),
    cause: fc.string(),
    reason: fc.string(),
    since: time,
    roleArn: fc.string(),
    warnings: texts,
    changedBy: fc.string(),
  },
  { requiredKeys: ['status'] },
);

/** Any state of a kind that a producer may send; what is optional is sometimes absent. */
const states: Record<EntityKind, fc.Arbitrary<NonNullable<State>>> = {
  organization: fc
    .record({ arn: fc.string(), featureSet: fc.string(), managementAccountEmail: fc.string() }, { requiredKeys: [] })
    .map((value) => ({ case: 'organizationState', value })),
  root: fc
    .record({ id: fc.constant('r-ab12'), arn: fc.string(), name: fc.string(), policyTypes: map, tags }, { requiredKeys: ['id'] })
    .map((value) => ({ case: 'root', value })),
  organizationalUnit: fc
    .record(
      { id: fc.constant('ou-ab12-11111111'), arn: fc.string(), name: fc.string(), placement, tags },
      { requiredKeys: ['id'] },
    )
    .map((value) => ({ case: 'organizationalUnit', value })),
  account: fc
    .record(
      {
        id: fc.oneof(fc.constant('111122223333'), accountId),
        arn: fc.string(),
        name: fc.string(),
        email: fc.string(),
        state: fc.oneof(fc.constantFrom('ACTIVE', 'SUSPENDED', ''), fc.string()),
        joinedMethod: fc.string(),
        joinedAt: time,
        placement,
        tags,
        conflictingPaths: texts,
        member,
      },
      { requiredKeys: ['id'] },
    )
    .map((value) => ({ case: 'account', value })),
  handshake: fc
    .record(
      {
        id: fc.string(),
        arn: fc.string({ minLength: 1 }),
        action: fc.string(),
        state: fc.string(),
        requestedAt: time,
        expiresAt: time,
        accountId: fc.string(),
        email: fc.string(),
      },
      { requiredKeys: ['arn'] },
    )
    .map((value) => ({ case: 'invitation', value })),
};

const isOfType: Record<PropertyType, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  time: (value) => Number.isSafeInteger(value),
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};

function observe(state: NonNullable<State>, configuredTags: Record<string, string>): observation.Observation {
  return create(observation.ObservationSchema, {
    integrationId: 'a3bb189e-8bf9-4888-9912-ace4e6543002',
    subject: 'any',
    subjectVersion: 5n,
    organization: { partition: 'aws', organizationId: 'o-exampleorgid', managementAccountId: '111122223333' },
    configuredName: 'Acme',
    configuredTags,
    state,
  });
}
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
        const { type, properties: given = {} } = entityOf(observe(state, configuredTags));
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

  it('becomes the same entity each time, and leaves the observation as it was', () => {
    fc.assert(
      fc.property(states[kind], map, (state, configuredTags) => {
        const observed = observe(state, configuredTags);
        const before = structuredClone(observed);
        const first = entityOf(observed);
        expect(entityOf(observed)).toEqual(first);
        expect(observed).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });

  it('can have every property of the vocabulary', () => {
    const seen = new Set<string>();
    for (const state of fc.sample(states[kind], { numRuns: 500, seed: 1 })) {
      for (const name of Object.keys(entityOf(observe(state, { AccountName: 'x' })).properties ?? {})) {
        seen.add(familyOf(name) ?? name);
      }
    }
    expect([...seen].sort()).toEqual([...new Set([...Object.keys(vocabulary), ...prefixes])].sort());
  });
});
