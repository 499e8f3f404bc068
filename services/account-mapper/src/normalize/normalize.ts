import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { entities } from '@orgtrail/graph-model';
import { graph, type observation } from '@orgtrail/proto';
import { normalizeAccount } from './account.js';
import { normalizeDelegation } from './delegation.js';
import { normalizeInvitation } from './invitation.js';
import { normalizeOrganization } from './organization.js';
import { normalizeOrganizationalUnit } from './organizational-unit.js';
import { normalizeRoot } from './root.js';
import { ContractViolation, type OwnedByObservation, type Scope } from './subject-change.js';

/** What one observation means for the graph. Pure. Throws a `ContractViolation` for an observation that no producer may send. */
export function normalize(observed: observation.Observation): graph.GraphChange {
  const scope = scopeOf(observed);
  if (observed.subject === '' || observed.subjectVersion <= 0n) {
    throw new ContractViolation('CONTRACT_VIOLATION', 'The observation has no subject or no subject version.');
  }
  return create(graph.GraphChangeSchema, {
    integrationId: observed.integrationId,
    subject: observed.subject,
    subjectVersion: observed.subjectVersion,
    ...(observed.observedAt ? { observedAt: observed.observedAt } : {}),
    ...(observed.cause ? { cause: observed.cause } : {}),
    ...(observed.foundBy ? { foundBy: observed.foundBy } : {}),
    baseline: observed.baseline,
    explainedVersion: observed.explainedVersion,
    change: changeOf(scope, observed),
  });
}

function scopeOf({ integrationId, organization }: observation.Observation): Scope {
  if (integrationId === '' || !organization?.organizationId || !/^\d{12}$/.test(organization.managementAccountId)) {
    throw new ContractViolation(
      'CONTRACT_VIOLATION',
      'The observation does not say to which integration and organization it belongs.',
    );
  }
  return {
    partition: organization.partition === '' ? 'aws' : organization.partition,
    organizationId: organization.organizationId,
    managementAccountId: organization.managementAccountId,
  };
}

function changeOf(scope: Scope, observed: observation.Observation): MessageInitShape<typeof graph.GraphChangeSchema>['change'] {
  if (observed.state.case === 'ended') return { case: 'ended', value: { reason: observed.state.value.reason } };
  if (observed.state.case === 'integrationState') {
    const { removed, emailPurgedAt } = observed.state.value;
    return { case: 'scopeState', value: { removed, ...(emailPurgedAt ? { emailPurgedAt } : {}) } };
  }
  const { entity, relationships } = ownedBy(scope, observed);
  return {
    case: 'present',
    value: {
      ...(entity
        ? {
            entity: {
              key: entity.key,
              type: entities[entity.kind].type,
              classes: [...entities[entity.kind].classes],
              displayName: entity.displayName,
              accountId: entity.accountId,
              // A tag of AWS with the same key wins over one of the configuration.
              properties: { ...configuredTags(observed), ...entity.properties },
            },
          }
        : {}),
      // By key, as the graph keeps them: what is the same is the same bytes.
      relationships: relationships
        .toSorted((left, right) => (left.key < right.key ? -1 : 1))
        .map((relationship) => ({ ...relationship, properties: relationship.properties ?? {} })),
    },
  };
}

function configuredTags({ configuredTags: tags }: observation.Observation): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`tag.${key}`, value]));
}

function ownedBy(scope: Scope, observed: observation.Observation): OwnedByObservation {
  const { state } = observed;
  switch (state.case) {
    case 'organizationState':
      return normalizeOrganization(scope, state.value);
    case 'root':
      return normalizeRoot(scope, state.value);
    case 'organizationalUnit':
      return normalizeOrganizationalUnit(scope, state.value);
    case 'account':
      if (!/^\d{12}$/.test(state.value.id)) throw new ContractViolation('CONTRACT_VIOLATION', 'An account id has not 12 digits.');
      return normalizeAccount(scope, state.value, observed.configuredName);
    case 'delegation':
      return normalizeDelegation(scope, state.value);
    case 'invitation':
      if (state.value.arn === '') throw new ContractViolation('CONTRACT_VIOLATION', 'An invitation has no ARN.');
      return normalizeInvitation(scope, state.value);
    case 'ended':
    case 'integrationState':
    case undefined:
      throw new ContractViolation('CONTRACT_VIOLATION', 'The observation has no state.');
  }
}
