import { organizationKey } from '@orgtrail/graph-model';
import type { observation } from '@orgtrail/proto';
import { properties, text } from './property-value.js';
import type { OwnedByObservation, Scope } from './subject-change.js';

export function normalizeOrganization(scope: Scope, state: observation.Organization): OwnedByObservation {
  return {
    entity: {
      kind: 'organization',
      key: organizationKey(scope),
      displayName: scope.organizationId,
      accountId: scope.managementAccountId,
      properties: properties({
        id: scope.organizationId,
        name: scope.organizationId,
        arn: state.arn,
        featureSet: text(state.featureSet),
        managementAccountId: scope.managementAccountId,
        managementAccountEmail: state.managementAccountEmail,
        partition: scope.partition,
      }),
    },
    relationships: [],
  };
}
