import * as accountReads from './account-reads.js';
import * as accountWrites from './account-writes.js';
import * as delegations from './delegation-operations.js';
import * as handshakes from './handshake-operations.js';
import type { Operation } from './operation.js';
import * as organizationReads from './organization-reads.js';
import * as unitWrites from './organizational-unit-writes.js';
import * as serviceAccess from './service-access-operations.js';
import * as tags from './tag-operations.js';
import * as treeReads from './tree-reads.js';

/** The operations of Organizations that are simulated, by their names on the wire. */
export const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>(
  Object.entries({
    DescribeOrganization: organizationReads.describeOrganization,
    ListRoots: organizationReads.listRoots,
    ListAWSServiceAccessForOrganization: serviceAccess.listAwsServiceAccessForOrganization,
    EnableAWSServiceAccess: serviceAccess.enableAwsServiceAccess,
    DisableAWSServiceAccess: serviceAccess.disableAwsServiceAccess,
    ListAccounts: accountReads.listAccounts,
    ListAccountsForParent: accountReads.listAccountsForParent,
    DescribeAccount: accountReads.describeAccount,
    DescribeCreateAccountStatus: accountReads.describeCreateAccountStatus,
    ListCreateAccountStatus: accountReads.listCreateAccountStatus,
    ListOrganizationalUnitsForParent: treeReads.listOrganizationalUnitsForParent,
    DescribeOrganizationalUnit: treeReads.describeOrganizationalUnit,
    ListChildren: treeReads.listChildren,
    ListParents: treeReads.listParents,
    ListTagsForResource: tags.listTagsForResource,
    TagResource: tags.tagResource,
    UntagResource: tags.untagResource,
    ListDelegatedAdministrators: delegations.listDelegatedAdministrators,
    ListDelegatedServicesForAccount: delegations.listDelegatedServicesForAccount,
    RegisterDelegatedAdministrator: delegations.registerDelegatedAdministrator,
    DeregisterDelegatedAdministrator: delegations.deregisterDelegatedAdministrator,
    ListHandshakesForOrganization: handshakes.listHandshakesForOrganization,
    DescribeHandshake: handshakes.describeHandshake,
    InviteAccountToOrganization: handshakes.inviteAccountToOrganization,
    AcceptHandshake: handshakes.acceptHandshake,
    DeclineHandshake: handshakes.declineHandshake,
    CancelHandshake: handshakes.cancelHandshake,
    CreateAccount: accountWrites.createAccount,
    CloseAccount: accountWrites.closeAccount,
    MoveAccount: accountWrites.moveAccount,
    RemoveAccountFromOrganization: accountWrites.removeAccountFromOrganization,
    LeaveOrganization: accountWrites.leaveOrganization,
    CreateOrganizationalUnit: unitWrites.createOrganizationalUnit,
    UpdateOrganizationalUnit: unitWrites.updateOrganizationalUnit,
    DeleteOrganizationalUnit: unitWrites.deleteOrganizationalUnit,
  }),
);
