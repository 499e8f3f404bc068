import { accountKey, describeRelationship, parentKey } from '@orgtrail/graph-model';
import type { observation } from '@orgtrail/proto';
import { epochMilliseconds, properties, tagProperties, text } from './property-value.js';
import type { OwnedByObservation, Scope } from './subject-change.js';

const vendor = 'Amazon Web Services';

/**
 * The twelve documented properties of `aws_account`, its place, and its tags. `configuredName` is the name typed in the
 * configuration, for the management account only.
 */
export function normalizeAccount(scope: Scope, state: observation.Account, configuredName: string): OwnedByObservation {
  const key = accountKey(scope, state.id);
  const master = state.id === scope.managementAccountId;
  const displayName = text(configuredName) ?? state.name;
  const { placement } = state;
  return {
    entity: {
      kind: 'account',
      key,
      displayName,
      accountId: state.id,
      properties: {
        ...tagProperties(state.tags),
        ...properties({
          accountId: state.id,
          id: state.id,
          active: isActive(state.state),
          arn: key,
          orgAccountArn: state.arn,
          name: state.name,
          orgAccountName: state.name,
          displayName,
          displayNames: [...new Set([displayName, state.name])],
          // Absent, not null, while addresses are withheld.
          email: state.email,
          joinedMethod: text(state.joinedMethod),
          joinedOn: epochMilliseconds(state.joinedAt),
          status: text(state.state) ?? 'UNKNOWN',
          master,
          vendor,
          organizationId: scope.organizationId,
          parentId: placement?.parentId,
          pathIds: placement?.ancestorIds,
          placementKnown: placement !== undefined,
          ...(state.conflictingPaths.length > 0 ? { placementProblem: state.conflictingPaths } : {}),
          ...(state.member ? memberProperties(state.member) : {}),
        }),
      },
    },
    relationships: [
      ...(placement
        ? [
            describeRelationship(placement.parentId.startsWith('r-') ? 'rootHasAccount' : 'unitHasAccount', {
              fromKey: parentKey(scope, placement.parentId),
              toKey: key,
            }),
          ]
        : []),
      ...(master
        ? []
        : [describeRelationship('managementHasMember', { fromKey: accountKey(scope, scope.managementAccountId), toKey: key })]),
    ],
  };
}

/** How the account is configured by itself. */
function memberProperties(member: observation.Member) {
  return {
    memberStatus: member.status,
    memberCause: text(member.cause),
    memberReason: member.reason,
    memberSince: epochMilliseconds(member.since),
    memberRoleArn: text(member.roleArn),
    memberWarnings: member.warnings.length > 0 ? member.warnings : undefined,
    memberChangedBy: text(member.changedBy),
  };
}

/** True only for ACTIVE, false for the four other states of AWS, null when unknown: a state that we do not know is not "not active". */
function isActive(state: string): boolean | null {
  switch (state) {
    case 'ACTIVE':
      return true;
    case 'PENDING_ACTIVATION':
    case 'SUSPENDED':
    case 'PENDING_CLOSURE':
    case 'CLOSED':
      return false;
    default:
      return null;
  }
}
