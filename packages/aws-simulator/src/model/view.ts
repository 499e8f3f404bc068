import { accountArn, organizationalUnitArn, rootArn } from './ids.js';
import { Ordered } from './ordered.js';
import type {
  AccountCreationRecord,
  AccountRecord,
  DelegationRecord,
  DepartureRecord,
  HandshakeRecord,
  OrganizationalUnitRecord,
  OrganizationIdentity,
  Records,
  RootRecord,
  Tables,
  Tags,
  TrustedServiceRecord,
} from './records.js';

interface Children {
  readonly organizationalUnits: readonly OrganizationalUnitRecord[];
  readonly accounts: readonly AccountRecord[];
}

interface OrderedChildren {
  organizationalUnits: Ordered<OrganizationalUnitRecord>;
  accounts: Ordered<AccountRecord>;
}

const noChildren: Children = { organizationalUnits: [], accounts: [] };
const idOf = ({ id }: { id: string }): string => id;

/**
 * An organization as it is, or as it was: the records by id, and what follows from them. Lists are in the order of ids; they are made when they are
 * asked for, and follow the records from then on: at 50,000 accounts no list is made anew for each change.
 */
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
  #accounts: Ordered<AccountRecord> | undefined;
  #tagged: Ordered<string> | undefined;
  #administrators: ReadonlySet<string> | undefined;
  #children: Map<string, OrderedChildren> | undefined;

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
    const children = this.#children.get(parentId);
    return children === undefined
      ? noChildren
      : { organizationalUnits: children.organizationalUnits.items, accounts: children.accounts.items };
  }

  get accountsInOrder(): readonly AccountRecord[] {
    this.#accounts ??= new Ordered(idOf, this.accounts.values());
    return this.#accounts.items;
  }

  /** ARNs of the resources that the tag index knows, in their order. */
  get taggedArns(): readonly string[] {
    this.#tagged ??= new Ordered(
      (arn) => arn,
      [...this.everTagged.keys()].map((id) => this.arnOf(id)),
    );
    return this.#tagged.items;
  }

  /** Of an account, organizational unit or root, by its id. */
  arnOf(resourceId: string): string {
    const { identity } = this;
    if (/^\d/.test(resourceId)) return accountArn(identity, resourceId);
    return resourceId.startsWith('ou-') ? organizationalUnitArn(identity, resourceId) : rootArn(identity, resourceId);
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
    this.#administrators ??= new Set([...this.delegations.values()].map((delegation) => delegation.accountId));
    return this.#administrators.has(accountId);
  }

  /** Brings the lists up to a record that was made, changed or removed. */
  follow(table: keyof Records, key: string, change: { before: unknown; after: unknown }): void {
    if (table === 'accounts') this.#followAccount(key, change as Change<AccountRecord>);
    else if (table === 'organizationalUnits') this.#followUnit(key, change as Change<OrganizationalUnitRecord>);
    else if (table === 'delegations') this.#administrators = undefined;
    else if (table === 'everTagged') {
      if (change.after === undefined) this.#tagged?.remove(this.arnOf(key));
      else this.#tagged?.put(this.arnOf(key));
    }
  }

  #followAccount(id: string, { before, after }: Change<AccountRecord>): void {
    if (after === undefined) this.#accounts?.remove(id);
    else this.#accounts?.put(after);
    if (before !== undefined && before.parentId !== after?.parentId) this.#children?.get(before.parentId)?.accounts.remove(id);
    if (after !== undefined && this.#children !== undefined) childrenIn(this.#children, after.parentId).accounts.put(after);
  }

  /** A unit's parent never changes. */
  #followUnit(id: string, { before, after }: Change<OrganizationalUnitRecord>): void {
    if (this.#children === undefined) return;
    if (after !== undefined) childrenIn(this.#children, after.parentId).organizationalUnits.put(after);
    else if (before !== undefined) this.#children.get(before.parentId)?.organizationalUnits.remove(id);
  }

  #indexChildren(): Map<string, OrderedChildren> {
    const units = Map.groupBy(this.organizationalUnits.values(), ({ parentId }) => parentId);
    const accounts = Map.groupBy(this.accounts.values(), ({ parentId }) => parentId);
    const index = new Map<string, OrderedChildren>();
    for (const parentId of new Set([...units.keys(), ...accounts.keys()])) {
      index.set(parentId, orderedChildren(units.get(parentId) ?? [], accounts.get(parentId) ?? []));
    }
    return index;
  }
}

interface Change<T> {
  before: T | undefined;
  after: T | undefined;
}

function childrenIn(index: Map<string, OrderedChildren>, parentId: string): OrderedChildren {
  const there = index.get(parentId);
  if (there !== undefined) return there;
  const made = orderedChildren([], []);
  index.set(parentId, made);
  return made;
}

const orderedChildren = (
  organizationalUnits: readonly OrganizationalUnitRecord[],
  accounts: readonly AccountRecord[],
): OrderedChildren => ({ organizationalUnits: new Ordered(idOf, organizationalUnits), accounts: new Ordered(idOf, accounts) });

/** By code units, as AWS-like cursors compare; never by locale. */
export function byId(left: { id: string }, right: { id: string }): number {
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}
