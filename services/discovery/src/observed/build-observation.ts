import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { observation } from '@orgtrail/proto';
import { parseSubjectKey, type SubjectKey } from '../subjects.js';
import type { MemberView } from '../members/member.js';
import type { Integration } from '../integrations/integration.js';
import type { FoundBy, StoredCause } from './sql/store-subjects.js';
import type { UnpublishedSubject } from './sql/unpublished-subjects.js';
import {
  effectiveTags,
  type AccountCore,
  type DelegationCore,
  type GoneReason,
  type IntegrationCore,
  type InvitationCore,
  type OrganizationalUnitCore,
  type OrganizationCore,
  type RootCore,
  type SubjectState,
} from './subject-state.js';

type ObservationState = MessageInitShape<typeof observation.ObservationSchema>['state'];

/**
 * The whole state of a subject, as it goes to the bus. Pure. While members are not configured (`configureOrganizationAccounts`
 * off) no e-mail address leaves discovery.
 */
export function buildObservation(integration: Integration, subject: UnpublishedSubject): observation.Observation {
  const isManagementAccount = subject.subject === `account:${integration.managementAccountId}`;
  const withMembers = integration.configureOrganizationAccounts;
  return create(observation.ObservationSchema, {
    integrationId: integration.id,
    subject: subject.subject,
    subjectVersion: subject.subjectVersion,
    organization: {
      partition: integration.partition,
      organizationId: integration.organizationId,
      managementAccountId: integration.managementAccountId,
    },
    observedAt: timestampFromDate(subject.observedAt),
    ...(subject.cause ? { cause: causeMessage(subject.cause) } : {}),
    ...(subject.foundBy ? { foundBy: syncMessage(subject.foundBy) } : {}),
    baseline: subject.baseline,
    explainedVersion: BigInt(subject.cause?.explainedVersion ?? 0),
    configuredName: isManagementAccount ? integration.name : '',
    configuredTags: configuredTags(integration, subject),
    state: stateMessage(subject, {
      withEmail: withMembers,
      ...(withMembers && subject.member ? { member: subject.member } : {}),
    }),
  });
}

/** `AccountName` is the name of the account that the entity counts for: its own, or the integration's for the management account. */
function configuredTags(integration: Integration, { subject, state }: UnpublishedSubject): Record<string, string> {
  const { kind, id } = parseSubjectKey(subject);
  const own = kind === 'account' && id !== integration.managementAccountId;
  const name = own ? (state.parts.core?.value as AccountCore | undefined)?.name : integration.name;
  return {
    ...(integration.tagWithAccountName && name ? { AccountName: name } : {}),
    ...(integration.tagAsProduction ? { Production: 'true' } : {}),
  };
}

function causeMessage(cause: StoredCause): MessageInitShape<typeof observation.CauseSchema> {
  const reachedUsAt = cause.sentAt ?? cause.receivedAt;
  return {
    eventId: cause.eventId,
    eventName: cause.eventName,
    ...(cause.eventTime ? { eventTime: timestampFromDate(new Date(cause.eventTime)) } : {}),
    principalArn: cause.principalArn ?? '',
    invokedBy: cause.invokedBy ?? '',
    ...(reachedUsAt === undefined ? {} : { receivedAt: timestampFromDate(new Date(reachedUsAt)) }),
  };
}

function syncMessage({ id, kind, startedAt }: FoundBy): MessageInitShape<typeof observation.SyncSchema> {
  return { id: BigInt(id), kind, startedAt: timestampFromDate(new Date(startedAt)) };
}

const endReasons: Record<GoneReason, observation.EndReason> = {
  'not-found': observation.EndReason.NOT_FOUND,
  'absent-from-complete-list': observation.EndReason.ABSENT_FROM_COMPLETE_LIST,
  accepted: observation.EndReason.INVITATION_ACCEPTED,
  declined: observation.EndReason.INVITATION_DECLINED,
  canceled: observation.EndReason.INVITATION_CANCELED,
  expired: observation.EndReason.INVITATION_EXPIRED,
  LEFT: observation.EndReason.LEFT,
  REMOVED: observation.EndReason.REMOVED,
  CLEANED: observation.EndReason.CLEANED,
  OU_DELETED: observation.EndReason.OU_DELETED,
};

function stateMessage(
  { subject, state }: { subject: SubjectKey; state: SubjectState },
  { withEmail, member }: { withEmail: boolean; member?: MemberView },
): ObservationState {
  const core = state.parts.core?.value;
  if (core === undefined) return { case: 'ended', value: { reason: endReasons[state.goneReason ?? 'not-found'] } };

  const { kind, id } = parseSubjectKey(subject);
  const tags = effectiveTags(state);
  const withTags = tags ? { tags: { values: tags.values, fromIndex: tags.fromIndex } } : {};
  const withPlacement = state.parts.placement ? { placement: state.parts.placement.value } : {};
  const time = (milliseconds: number | undefined) => (milliseconds === undefined ? undefined : timestampFromMs(milliseconds));

  switch (kind) {
    case 'integration': {
      const { removed, emailPurgedAt } = core as IntegrationCore;
      return { case: 'integrationState', value: { removed, ...(emailPurgedAt ? { emailPurgedAt: time(emailPurgedAt) } : {}) } };
    }
    case 'organization': {
      const { arn, featureSet, managementAccountEmail } = core as OrganizationCore;
      return {
        case: 'organizationState',
        value: { arn, featureSet, ...(withEmail && managementAccountEmail ? { managementAccountEmail } : {}) },
      };
    }
    case 'root':
      return { case: 'root', value: { id, ...(core as RootCore), ...withTags } };
    case 'ou':
      return { case: 'organizationalUnit', value: { id, ...(core as OrganizationalUnitCore), ...withPlacement, ...withTags } };
    case 'account': {
      const { arn, name, email, state: accountState, joinedMethod, joinedAt, conflictingPaths } = core as AccountCore;
      return {
        case: 'account',
        value: {
          id,
          arn,
          name,
          ...(withEmail && email !== undefined ? { email } : {}),
          state: accountState ?? '',
          joinedMethod: joinedMethod ?? '',
          joinedAt: time(joinedAt),
          conflictingPaths: conflictingPaths ?? [],
          ...withPlacement,
          ...withTags,
          ...(member ? { member: memberMessage(member) } : {}),
        },
      };
    }
    case 'delegation':
      return {
        case: 'delegation',
        value: {
          accountId: id,
          services: (core as DelegationCore).services.map(({ servicePrincipal, enabledAt }) => ({
            servicePrincipal,
            enabledAt: time(enabledAt),
          })),
        },
      };
    case 'invitation': {
      const { arn, action, state: handshakeState, requestedAt, expiresAt, accountId, email } = core as InvitationCore;
      return {
        case: 'invitation',
        value: {
          id,
          arn,
          action,
          state: handshakeState,
          requestedAt: time(requestedAt),
          expiresAt: time(expiresAt),
          accountId: accountId ?? '',
          ...(withEmail && email !== undefined ? { email } : {}),
        },
      };
    }
  }
}

function memberMessage(member: MemberView): MessageInitShape<typeof observation.MemberSchema> {
  return {
    status: member.status,
    cause: member.cause ?? '',
    reason: member.reason,
    since: timestampFromDate(member.since),
    roleArn: member.roleArn ?? '',
    warnings: member.warnings,
    changedBy: member.changedBy?.principalArn ?? '',
  };
}
