import type {
  AccountCreationRecord,
  AccountRecord,
  DelegationRecord,
  DepartureRecord,
  HandshakeRecord,
  OrganizationalUnitRecord,
  OrganizationIdentity,
  RootRecord,
  Tables,
  Tags,
  TrustedServiceRecord,
} from './records.js';

interface Children {
  organizationalUnits: OrganizationalUnitRecord[];
  accounts: AccountRecord[];
}

const noChildren: Children = { organizationalUnits: [], accounts: [] };

/** An organization as it is, or as it was: the records by id, and what follows from them. Lists are in the order of ids. */
export class OrganizationView {
  readonly identity: OrganizationIdentity;
  readonly organizationalUnits: ReadonlyMap<string, OrganizationalUnitRecord>;
  readonly accounts: ReadonlyMap<string, AccountRecord>;
  readonly delegations: ReadonlyMap<string, DelegationRecord>;
  readonly trustedServices: ReadonlyMap<string, TrustedServiceRecord>;
  readonly handshakes: ReadonlyMap<string, HandshakeRecord>;
  readonly accountCreations: ReadonlyMap<string, AccountCreationRecord>;
  readonly departures: ReadonlyMap<string, DepartureRecord>;
  readonly deletedOrganizationalUnits: ReadonlyMap<string, OrganizationalUnitRecord>;
  readonly everTagged: ReadonlyMap<string, true>;
  readonly #roots: ReadonlyMap<string, RootRecord>;
  readonly #listings = new Map<string, readonly unknown[]>();
  #children: Map<string, Children> | undefined;

  constructor(identity: OrganizationIdentity, tables: Tables) {
    this.identity = identity;
    this.#roots = tables.roots;
    this.organizationalUnits = tables.organizationalUnits;
    this.accounts = tables.accounts;
    this.delegations = tables.delegations;
    this.trustedServices = tables.trustedServices;
    this.handshakes = tables.handshakes;
    this.accountCreations = tables.accountCreations;
    this.departures = tables.departures;
    this.deletedOrganizationalUnits = tables.deletedOrganizationalUnits;
    this.everTagged = tables.everTagged;
  }

  /** `o-…` */
  get organizationId(): string {
    return this.identity.id;
  }

  get root(): RootRecord {
    const root = this.#roots.get(this.identity.rootId);
    if (root === undefined) throw new Error('An organization without its root.');
    return root;
  }

  get managementAccount(): AccountRecord {
    const account = this.accounts.get(this.identity.managementAccountId);
    if (account === undefined) throw new Error('An organization without its management account.');
    return account;
  }

  /** The root or an organizational unit. */
  isParent(id: string): boolean {
    return id === this.identity.rootId || this.organizationalUnits.has(id);
  }

  childrenOf(parentId: string): Children {
    this.#children ??= this.#indexChildren();
    return this.#children.get(parentId) ?? noChildren;
  }

  /** `o-…/r-…/ou-…/` of the root or an organizational unit. */
  pathOf(parentId: string): string {
    const ids: string[] = [];
    let id = parentId;
    for (;;) {
      const unit = this.organizationalUnits.get(id);
      if (unit === undefined) break;
      ids.unshift(id);
      id = unit.parentId;
    }
    return `${[this.identity.id, this.identity.rootId, ...ids].join('/')}/`;
  }

  /** The root is level 0. */
  levelOf(parentId: string): number {
    return this.pathOf(parentId).split('/').length - 3;
  }

  /** Tags of an account, organizational unit or root; `undefined` for anything else. */
  tagsOf(resourceId: string): Tags | undefined {
    if (resourceId === this.identity.rootId) return this.root.tags;
    return (this.accounts.get(resourceId) ?? this.organizationalUnits.get(resourceId))?.tags;
  }

  isDelegatedAdministrator(accountId: string): boolean {
    return this.listing('delegated administrators', () =>
      [...new Set([...this.delegations.values()].map((delegation) => delegation.accountId))].sort(),
    ).includes(accountId);
  }

  /** A list that costs to make, made once for this state of the organization. */
  listing<T>(name: string, make: () => readonly T[]): readonly T[] {
    const known = this.#listings.get(name);
    if (known !== undefined) return known as readonly T[];
    const made = make();
    this.#listings.set(name, made);
    return made;
  }

  #indexChildren(): Map<string, Children> {
    const index = new Map<string, Children>();
    const below = (parentId: string): Children => {
      let children = index.get(parentId);
      if (children === undefined) {
        children = { organizationalUnits: [], accounts: [] };
        index.set(parentId, children);
      }
      return children;
    };
    for (const unit of this.organizationalUnits.values()) below(unit.parentId).organizationalUnits.push(unit);
    for (const account of this.accounts.values()) below(account.parentId).accounts.push(account);
    for (const children of index.values()) {
      children.organizationalUnits.sort(byId);
      children.accounts.sort(byId);
    }
    return index;
  }
}

/** By code units, as AWS-like cursors compare; never by locale. */
export function byId(left: { id: string }, right: { id: string }): number {
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}
