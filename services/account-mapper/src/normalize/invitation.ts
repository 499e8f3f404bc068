import { describeRelationship, organizationKey } from '@orgtrail/graph-model';
import type { observation } from '@orgtrail/proto';
import { epochMilliseconds, properties, text } from './property-value.js';
import type { OwnedByObservation, Scope } from './subject-change.js';

export function normalizeInvitation(scope: Scope, state: observation.Invitation): OwnedByObservation {
  return {
    entity: {
      kind: 'handshake',
      key: state.arn,
      displayName: state.id,
      accountId: scope.managementAccountId,
      properties: properties({
        id: state.id,
        name: state.id,
        arn: state.arn,
        action: text(state.action),
        status: text(state.state),
        requestedOn: epochMilliseconds(state.requestedAt),
        expiresOn: epochMilliseconds(state.expiresAt),
        invitedAccountId: text(state.accountId),
        email: state.email,
        organizationId: scope.organizationId,
      }),
    },
    relationships: [describeRelationship('organizationHasHandshake', { fromKey: organizationKey(scope), toKey: state.arn })],
  };
}
