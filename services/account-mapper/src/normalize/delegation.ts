import { accountKey, describeRelationship, organizationKey } from '@orgtrail/graph-model';
import type { observation } from '@orgtrail/proto';
import { epochMilliseconds, properties } from './property-value.js';
import type { OwnedByObservation, Scope } from './subject-change.js';

/** A delegated administrator owns no entity, only one relationship per service. */
export function normalizeDelegation(scope: Scope, state: observation.Delegation): OwnedByObservation {
  return {
    relationships: state.services.map(({ servicePrincipal, enabledAt }) => ({
      ...describeRelationship('accountManagesOrganization', {
        fromKey: accountKey(scope, state.accountId),
        toKey: organizationKey(scope),
        qualifier: servicePrincipal,
      }),
      properties: properties({ servicePrincipal, delegationEnabledOn: epochMilliseconds(enabledAt) }),
    })),
  };
}
