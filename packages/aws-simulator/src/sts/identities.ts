import { createRandom, seedOf } from '../random.js';
import type { OrganizationStore } from '../model/store.js';
import { uniqueId } from '../events/user-identity.js';
import type { Caller, Role } from './caller.js';

export interface AccessKeyPair {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface SessionCredentials extends AccessKeyPair {
  sessionToken: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** One call of AssumeRole. */
export interface RoleAssumption {
  roleArn: string;
  sessionName: string;
  outcome: 'assumed' | 'refused' | 'failed';
  /** Epoch milliseconds. */
  at: number;
}

/** When something was put, and how long it takes to be in force. */
interface Taking {
  now: number;
  propagationMs: number;
}

/** A role with what is in force until it is: undefined where there was none. */
interface Declared<T> extends Taking {
  role: T;
  before: T | undefined;
}

type RoleEverywhere = Omit<Role, 'arn' | 'accountId'>;

type Principal = Omit<Caller, 'sourceIpAddress' | 'userAgent'>;

interface Session {
  credentials: SessionCredentials;
  principal: Principal;
}

const keyAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Who holds which credentials, and which roles there are. */
export class Identities {
  readonly #store: OrganizationStore;
  readonly #seed: number;
  readonly #roles = new Map<string, Declared<Role>>();
  readonly #rolesEverywhere = new Map<string, Declared<RoleEverywhere>>();
  readonly #sessions = new Map<string, Session>();
  readonly #removedRoles = new Set<string>();
  readonly #assumptions: RoleAssumption[] = [];

  constructor(store: OrganizationStore, seed: number) {
    this.#store = store;
    this.#seed = seed;
  }

  /**
   * The key pair of the IAM user `orgtrail` in any account, of the organization or outside. The key id carries the account's
   * number, so the same seed gives the same keys, and nothing has to be remembered.
   */
  credentialsFor(accountId: string): AccessKeyPair {
    if (!/^\d{12}$/.test(accountId)) throw new RangeError(`Not an account id: ${accountId}`);
    let number = Number(accountId);
    let encoded = '';
    for (let digit = 0; digit < 8; digit += 1) {
      encoded = `${keyAlphabet[number % 32] ?? ''}${encoded}`;
      number = Math.floor(number / 32);
    }
    const derived = createRandom(seedOf(`${this.#seed} ${accountId}`));
    return {
      accessKeyId: `AKIA${encoded}${derived.text(8, keyAlphabet)}`,
      secretAccessKey: derived.text(40, `${keyAlphabet}abcdefghij`),
    };
  }

  putRole(role: Role, at: Taking): void {
    const before = this.roleOf(role.arn, at.now);
    this.#roles.set(role.arn, { role, before, ...at });
    this.#removedRoles.delete(role.arn);
  }

  /** Also one of those in every account: there it stays away. */
  removeRole(arn: string): void {
    this.#roles.delete(arn);
    this.#removedRoles.add(arn);
  }

  /** The newest 100,000 calls of AssumeRole. */
  get assumptions(): readonly RoleAssumption[] {
    return this.#assumptions;
  }

  noteAssumption(assumption: RoleAssumption): void {
    if (this.#assumptions.length >= 100_000) this.#assumptions.shift();
    this.#assumptions.push(assumption);
  }

  /** A role of this name in every account of the organization, those that join later included. */
  putRoleEverywhere(roleName: string, role: RoleEverywhere, at: Taking): void {
    const former = this.#rolesEverywhere.get(roleName);
    this.#rolesEverywhere.set(roleName, { role, before: former && inForce(former, at.now), ...at });
  }

  /** The role as it is in force at that time. */
  roleOf(arn: string, now: number): Role | undefined {
    const declared = this.#roles.get(arn);
    if (declared !== undefined) return inForce(declared, now);
    if (this.#removedRoles.has(arn)) return undefined;
    const [, , , , accountId = '', resource = ''] = arn.split(':');
    const account = this.#store.tables.accounts.get(accountId);
    const everywhere = this.#rolesEverywhere.get(resource.replace(/^role\//, ''));
    if (account === undefined || everywhere === undefined) return undefined;
    // An account that joined since begins without any role.
    const came = everywhere.propagationMs > 0 && account.joinedAt > everywhere.now;
    const role = inForce(came ? { ...everywhere, now: account.joinedAt, before: undefined } : everywhere, now);
    return role && { ...role, arn, accountId };
  }

  /** A session of a role; the role's later removal leaves the session alone, as AWS does. */
  openSession(
    role: Role,
    options: { sessionName: string; sessionActions?: readonly string[]; began: number; expiresAt: number; token: string },
  ) {
    const { sessionName, sessionActions, began, expiresAt, token } = options;
    const [, partition = 'aws'] = role.arn.split(':');
    const roleName = role.arn.split('/').at(-1) ?? '';
    const roleId = uniqueId('AROA', role.arn);
    const accessKeyId = uniqueId('ASIA', token);
    const credentials = { accessKeyId, secretAccessKey: createRandom(seedOf(token)).text(40), sessionToken: token, expiresAt };
    const principal: Principal = {
      accountId: role.accountId,
      arn: `arn:${partition}:sts::${role.accountId}:assumed-role/${roleName}/${sessionName}`,
      userId: `${roleId}:${sessionName}`,
      accessKeyId,
      role,
      sessionBegan: began,
      ...(sessionActions === undefined ? {} : { sessionActions }),
    };
    this.#sessions.set(accessKeyId, { credentials, principal });
    return { credentials, principal };
  }

  /** Whose credentials these are: a principal, or why they are no good. Signatures are not checked. */
  identify(accessKeyId: string, sessionToken: string | undefined, now: number): Principal | 'unknown' | 'expired' {
    const session = this.#sessions.get(accessKeyId);
    if (session !== undefined) {
      if (sessionToken !== session.credentials.sessionToken) return 'unknown';
      return now >= session.credentials.expiresAt ? 'expired' : session.principal;
    }
    const accountId = accountIdIn(accessKeyId);
    if (accountId === undefined || this.credentialsFor(accountId).accessKeyId !== accessKeyId) return 'unknown';
    const arn = `arn:${this.#store.identity.partition}:iam::${accountId}:user/orgtrail`;
    return { accountId, arn, userId: uniqueId('AIDA', arn), accessKeyId };
  }
}

const inForce = <T>({ role, before, now: put, propagationMs }: Declared<T>, now: number): T | undefined =>
  now >= put + propagationMs ? role : before;

function accountIdIn(accessKeyId: string): string | undefined {
  const encoded = /^AKIA([A-Z2-7]{8})[A-Z2-7]{8}$/.exec(accessKeyId)?.[1];
  if (encoded === undefined) return undefined;
  let number = 0;
  for (const digit of encoded) number = number * 32 + keyAlphabet.indexOf(digit);
  return number < 1e12 ? String(number).padStart(12, '0') : undefined;
}
