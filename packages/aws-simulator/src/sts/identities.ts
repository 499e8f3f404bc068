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
  outcome: 'assumed' | 'refused' | 'failed';
  /** Epoch milliseconds. */
  at: number;
}

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
  readonly #roles = new Map<string, Role>();
  readonly #rolesEverywhere = new Map<string, Omit<Role, 'arn' | 'accountId'>>();
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

  putRole(role: Role): void {
    this.#roles.set(role.arn, role);
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

  noteAssumption(roleArn: string, outcome: RoleAssumption['outcome'], at: number): void {
    if (this.#assumptions.length >= 100_000) this.#assumptions.shift();
    this.#assumptions.push({ roleArn, outcome, at });
  }

  /** A role of this name in every account of the organization, those that join later included. */
  putRoleEverywhere(roleName: string, role: Omit<Role, 'arn' | 'accountId'>): void {
    this.#rolesEverywhere.set(roleName, role);
  }

  roleOf(arn: string): Role | undefined {
    const declared = this.#roles.get(arn);
    if (declared !== undefined) return declared;
    if (this.#removedRoles.has(arn)) return undefined;
    const [, , , , accountId = '', resource = ''] = arn.split(':');
    const everywhere = this.#rolesEverywhere.get(resource.replace(/^role\//, ''));
    return everywhere !== undefined && this.#store.tables.accounts.has(accountId) ? { ...everywhere, arn, accountId } : undefined;
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

function accountIdIn(accessKeyId: string): string | undefined {
  const encoded = /^AKIA([A-Z2-7]{8})[A-Z2-7]{8}$/.exec(accessKeyId)?.[1];
  if (encoded === undefined) return undefined;
  let number = 0;
  for (const digit of encoded) number = number * 32 + keyAlphabet.indexOf(digit);
  return number < 1e12 ? String(number).padStart(12, '0') : undefined;
}
