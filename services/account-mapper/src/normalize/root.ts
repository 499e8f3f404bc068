import { describeRelationship, organizationKey, parentKey } from '@orgtrail/graph-model';
import type { observation } from '@orgtrail/proto';
import { properties, tagProperties } from './property-value.js';
import type { OwnedByObservation, Scope } from './subject-change.js';

export function normalizeRoot(scope: Scope, state: observation.Root): OwnedByObservation {
  const key = parentKey(scope, state.id);
  return {
    entity: {
      kind: 'root',
      key,
      displayName: state.name,
      accountId: scope.managementAccountId,
      properties: {
        ...properties({ id: state.id, name: state.name, arn: state.arn, organizationId: scope.organizationId }),
        ...Object.fromEntries(Object.entries(state.policyTypes).map(([type, status]) => [`policyType.${type}`, status])),
        ...tagProperties(state.tags),
      },
    },
    relationships: [describeRelationship('organizationHasRoot', { fromKey: organizationKey(scope), toKey: key })],
  };
}
