import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { EntityKind } from '@orgtrail/graph-model';
import { observation } from '@orgtrail/proto';
import fc from 'fast-check';

type Given = Exclude<MessageInitShape<typeof observation.ObservationSchema>, { $typeName: string }>;
type State = NonNullable<Given['state']>;

const time = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(timestampFromMs);
const texts = fc.array(fc.string(), { maxLength: 4 });
// Any key but those that no object can hold as its own.
export const map = fc.dictionary(
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
export const states: Record<EntityKind, fc.Arbitrary<State>> = {
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
        // The key of its entity: the graph takes none that is shorter.
        arn: fc.string({ minLength: 10 }),
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

/** A delegation owns no entity: its services are relationships. */
export const delegations: fc.Arbitrary<State> = fc
  .record({
    accountId,
    services: fc.uniqueArray(
      fc.record(
        { servicePrincipal: fc.domain().map((name) => `${name}.amazonaws.com`), enabledAt: time },
        { requiredKeys: ['servicePrincipal'] },
      ),
      { maxLength: 4, selector: ({ servicePrincipal }) => servicePrincipal },
    ),
  })
  .map((value) => ({ case: 'delegation', value }));

export const management = '111122223333';

/** The observation of a state, in organization `o-exampleorgid`. */
export function observe(state: State | undefined, given: Given = {}): observation.Observation {
  return create(observation.ObservationSchema, {
    integrationId: 'a3bb189e-8bf9-4888-9912-ace4e6543002',
    subject: 'any',
    subjectVersion: 5n,
    organization: { partition: 'aws', organizationId: 'o-exampleorgid', managementAccountId: management },
    ...given,
    ...(state === undefined ? {} : { state }),
  });
}
