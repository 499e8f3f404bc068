import type { Behaviours } from '../behaviours.js';
import { organizationArn } from '../model/ids.js';
import type {
  AccountCreationRecord,
  AccountRecord,
  AccountState,
  HandshakeRecord,
  OrganizationalUnitRecord,
  Tags,
} from '../model/records.js';
import type { OrganizationView } from '../model/view.js';

/** The API's shapes, with dates as `Date`. The tests hold them against the SDK's types. */

type ShapeOptions = Pick<Behaviours, 'withoutPaths' | 'accountState'>;

/** How the retired `Status` told of the states that it did not know. */
const statusOf: Record<AccountState, 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE'> = {
  PENDING_ACTIVATION: 'ACTIVE',
  ACTIVE: 'ACTIVE',
  SUSPENDED: 'SUSPENDED',
  PENDING_CLOSURE: 'PENDING_CLOSURE',
  CLOSED: 'SUSPENDED',
};

function stateMembers(state: AccountState, accountState: Behaviours['accountState']) {
  return {
    ...(accountState === 'Status' || accountState === 'both' ? { Status: statusOf[state] } : {}),
    ...(accountState === 'State' || accountState === 'both' ? { State: state } : {}),
  };
}

export function accountShape(account: AccountRecord, view: OrganizationView, { withoutPaths, accountState }: ShapeOptions) {
  return {
    Id: account.id,
    Arn: account.arn,
    Email: account.email,
    Name: account.name,
    ...stateMembers(account.state, accountState),
    ...(withoutPaths ? {} : { Paths: [`${view.pathOf(account.parentId)}${account.id}/`] }),
    JoinedMethod: account.joinedMethod,
    JoinedTimestamp: new Date(account.joinedAt),
  };
}

export function organizationalUnitShape(
  unit: OrganizationalUnitRecord,
  view: OrganizationView,
  { withoutPaths }: Pick<Behaviours, 'withoutPaths'>,
) {
  return { Id: unit.id, Arn: unit.arn, Name: unit.name, ...(withoutPaths ? {} : { Path: view.pathOf(unit.id) }) };
}

export function delegatedAdministratorShape(account: AccountRecord, enabledAt: number, { accountState }: ShapeOptions) {
  return {
    Id: account.id,
    Arn: account.arn,
    Email: account.email,
    Name: account.name,
    ...stateMembers(account.state, accountState),
    JoinedMethod: account.joinedMethod,
    JoinedTimestamp: new Date(account.joinedAt),
    DelegationEnabledDate: new Date(enabledAt),
  };
}

export function rootShape(view: OrganizationView) {
  const { id, arn, name } = view.root;
  return { Id: id, Arn: arn, Name: name, PolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY' as const, Status: 'ENABLED' as const }] };
}

export function organizationShape(view: OrganizationView) {
  const { id, email, arn } = view.managementAccount;
  return {
    Id: view.identity.id,
    Arn: organizationArn(view.identity),
    FeatureSet: 'ALL' as const,
    MasterAccountArn: arn,
    MasterAccountId: id,
    MasterAccountEmail: email,
    AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY' as const, Status: 'ENABLED' as const }],
  };
}

export function accountCreationShape(creation: AccountCreationRecord) {
  return {
    Id: creation.id,
    AccountName: creation.accountName,
    State: creation.state,
    RequestedTimestamp: new Date(creation.requestedAt),
    ...(creation.completedAt === undefined ? {} : { CompletedTimestamp: new Date(creation.completedAt) }),
    ...(creation.accountId === undefined ? {} : { AccountId: creation.accountId }),
    ...(creation.failureReason === undefined ? {} : { FailureReason: creation.failureReason }),
  };
}

export function handshakeShape(handshake: HandshakeRecord, view: OrganizationView) {
  const { id, arn, state, target, notes, requestedAt, expiresAt } = handshake;
  const { email, name } = view.managementAccount;
  return {
    Id: id,
    Arn: arn,
    Parties: [
      { Type: 'ORGANIZATION' as const, Id: view.identity.id },
      { Type: target.type, Id: target.id },
    ],
    State: state,
    RequestedTimestamp: new Date(requestedAt),
    ExpirationTimestamp: new Date(expiresAt),
    Action: 'INVITE' as const,
    Resources: [
      {
        Type: 'ORGANIZATION' as const,
        Value: view.identity.id,
        Resources: [
          { Type: 'MASTER_EMAIL' as const, Value: email },
          { Type: 'MASTER_NAME' as const, Value: name },
          { Type: 'ORGANIZATION_FEATURE_SET' as const, Value: 'ALL' },
        ],
      },
      { Type: target.type, Value: target.id },
      ...(notes === undefined ? [] : [{ Type: 'NOTES' as const, Value: notes }]),
    ],
  };
}

export function tagShapes(tags: Tags) {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}
