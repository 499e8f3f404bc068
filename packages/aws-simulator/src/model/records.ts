/** What AWS knows of an organization, as plain records. Records are replaced, never changed in place. */

export type AccountState = 'PENDING_ACTIVATION' | 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE' | 'CLOSED';
export type JoinedMethod = 'INVITED' | 'CREATED';
export type HandshakeState = 'OPEN' | 'ACCEPTED' | 'DECLINED' | 'CANCELED' | 'EXPIRED';
export type DepartureMethod = 'LEFT' | 'REMOVED' | 'CLEANED';
export type Tags = ReadonlyMap<string, string>;

export interface RootRecord {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly tags: Tags;
}

export interface OrganizationalUnitRecord {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  /** The root's id or an organizational unit's. */
  readonly parentId: string;
  readonly tags: Tags;
}

export interface AccountRecord {
  /** Twelve digits; leading zeros occur. */
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly email: string;
  readonly state: AccountState;
  readonly joinedMethod: JoinedMethod;
  /** Epoch milliseconds. */
  readonly joinedAt: number;
  readonly parentId: string;
  readonly tags: Tags;
  /** Epoch milliseconds; of closed accounts. */
  readonly closedAt?: number;
}

export interface DelegationRecord {
  readonly accountId: string;
  readonly servicePrincipal: string;
  /** Epoch milliseconds. */
  readonly enabledAt: number;
}

/** A service that the organization has let in. */
export interface TrustedServiceRecord {
  readonly servicePrincipal: string;
  /** Epoch milliseconds. */
  readonly enabledAt: number;
}

export interface HandshakeRecord {
  readonly id: string;
  readonly arn: string;
  readonly state: HandshakeState;
  readonly target: { readonly type: 'ACCOUNT' | 'EMAIL'; readonly id: string };
  readonly notes: string | undefined;
  /** Given to the account when it joins. */
  readonly tags: Tags;
  /** Epoch milliseconds. */
  readonly requestedAt: number;
  /** Epoch milliseconds: 15 days after the request. */
  readonly expiresAt: number;
  /** Epoch milliseconds; absent while it is open. */
  readonly endedAt?: number;
}

export interface AccountCreationRecord {
  readonly id: string;
  readonly accountName: string;
  readonly state: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED';
  readonly accountId?: string;
  readonly failureReason?: string;
  /** Epoch milliseconds. */
  readonly requestedAt: number;
  readonly completedAt?: number;
}

/** An account that was in the organization and is not any more. */
export interface DepartureRecord {
  readonly account: AccountRecord;
  readonly method: DepartureMethod;
  /** Epoch milliseconds. */
  readonly departedAt: number;
}

/** The tables of one organization; keys are ids, for delegations `<accountId>|<servicePrincipal>`. */
export interface Records {
  roots: RootRecord;
  organizationalUnits: OrganizationalUnitRecord;
  accounts: AccountRecord;
  delegations: DelegationRecord;
  trustedServices: TrustedServiceRecord;
  handshakes: HandshakeRecord;
  accountCreations: AccountCreationRecord;
  departures: DepartureRecord;
  deletedOrganizationalUnits: OrganizationalUnitRecord;
  /** Resources that have or had tags: the tag index knows no others. */
  everTagged: true;
}

export type Tables = { [Name in keyof Records]: Map<string, Records[Name]> };

/** What never changes about an organization. */
export interface OrganizationIdentity {
  readonly partition: string;
  readonly id: string;
  readonly arn: string;
  readonly rootId: string;
  readonly managementAccountId: string;
}

export function emptyTables(): Tables {
  return {
    roots: new Map(),
    organizationalUnits: new Map(),
    accounts: new Map(),
    delegations: new Map(),
    trustedServices: new Map(),
    handshakes: new Map(),
    accountCreations: new Map(),
    departures: new Map(),
    deletedOrganizationalUnits: new Map(),
    everTagged: new Map(),
  };
}
