import type { AccountRead, HandshakeRead, OrganizationRead } from '@orgtrail/aws';
import type { AccountCore, GoneReason, InvitationCore, OrganizationCore, PartRead, Version } from '../observed/subject-state.js';

/** From what packages/aws read to the core part as it is stored. Pure; absent stays absent. */

export function organizationCore(read: OrganizationRead): OrganizationCore {
  return {
    arn: read.arn,
    featureSet: read.featureSet,
    ...(read.managementAccountEmail === undefined ? {} : { managementAccountEmail: read.managementAccountEmail }),
  };
}

export function accountCore(read: AccountRead): AccountCore {
  return {
    arn: read.arn,
    name: read.name,
    ...(read.email === undefined ? {} : { email: read.email }),
    ...(read.state === undefined ? {} : { state: read.state }),
    ...(read.joinedMethod === undefined ? {} : { joinedMethod: read.joinedMethod }),
    ...(read.joinedAt === undefined ? {} : { joinedAt: read.joinedAt.getTime() }),
    ...(read.conflictingPaths === undefined ? {} : { conflictingPaths: read.conflictingPaths }),
  };
}

function invitationCore(read: HandshakeRead): InvitationCore {
  return {
    arn: read.arn,
    action: read.action,
    state: read.state,
    ...(read.requestedAt === undefined ? {} : { requestedAt: read.requestedAt.getTime() }),
    ...(read.expiresAt === undefined ? {} : { expiresAt: read.expiresAt.getTime() }),
    ...(read.accountId === undefined ? {} : { accountId: read.accountId }),
    ...(read.email === undefined ? {} : { email: read.email }),
  };
}

const endings: Readonly<Record<string, GoneReason>> = {
  ACCEPTED: 'accepted',
  DECLINED: 'declined',
  CANCELED: 'canceled',
  EXPIRED: 'expired',
};

/**
 * An invitation lives until AWS lists it as over. Other handshakes (to enable all features, …) are shown in whatever state they are:
 * nobody joins by them.
 */
export function handshakeRead(read: HandshakeRead, version: Version): PartRead {
  const gone = read.action.toUpperCase() === 'INVITE' ? endings[read.state.toUpperCase()] : undefined;
  if (gone === undefined) return { part: 'core', version, value: invitationCore(read) };
  return { part: 'existence', version, gone, ...(read.accountId === undefined ? {} : { accountId: read.accountId }) };
}
