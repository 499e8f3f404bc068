import { describeRelationship, parentKey } from '@orgtrail/graph-model';
import type { observation } from '@orgtrail/proto';
import { properties, tagProperties } from './property-value.js';
import type { OwnedByObservation, Scope } from './subject-change.js';

export function normalizeOrganizationalUnit(scope: Scope, state: observation.OrganizationalUnit): OwnedByObservation {
  const key = parentKey(scope, state.id);
  const { placement } = state;
  return {
    entity: {
      kind: 'organizationalUnit',
      key,
      displayName: state.name,
      accountId: scope.managementAccountId,
      properties: {
        ...properties({
          id: state.id,
          name: state.name,
          arn: state.arn,
          organizationId: scope.organizationId,
          parentId: placement?.parentId,
          pathIds: placement?.ancestorIds,
          placementKnown: placement !== undefined,
        }),
        ...tagProperties(state.tags),
      },
    },
    relationships: placement
      ? [
          describeRelationship(placement.parentId.startsWith('r-') ? 'rootHasUnit' : 'unitHasUnit', {
            fromKey: parentKey(scope, placement.parentId),
            toKey: key,
          }),
        ]
      : [],
  };
}
