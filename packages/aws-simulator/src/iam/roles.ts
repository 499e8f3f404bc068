import { uniqueId } from '../events/user-identity.js';
import type { Identities } from '../sts/identities.js';
import { deleteConflict, entityAlreadyExists, limitExceeded, noSuchEntity, roleNotFound } from './iam-errors.js';
import type { ManagedPolicies, ManagedPolicy } from './managed-policies.js';
import { readPermissionPolicy, type PermissionStatement } from './permission-policy.js';
import { readTrustDocument } from './trust-document.js';

/** A role that was made of documents. */
export interface IamRole {
  readonly accountId: string;
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  /** With the slashes at both ends. */
  readonly path: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  description: string;
  maxSessionSeconds: number;
  trustDocument: string;
  readonly tags: Map<string, string>;
  readonly inlinePolicies: Map<string, { document: string; statements: readonly PermissionStatement[] }>;
  readonly attachedPolicies: Map<string, ManagedPolicy>;
}

export interface NewRole extends Pick<IamRole, 'accountId' | 'name' | 'path' | 'description' | 'maxSessionSeconds'> {
  trustDocument: string;
  tags: ReadonlyMap<string, string>;
}

/** Of all inline policies of a role together, white space not counted. */
const longestInlinePolicies = 10_240;

/** The roles of all accounts that were made through IAM or CloudFormation. STS and the wire know them by `identities`. */
export class IamRoles {
  readonly #partition: string;
  readonly #identities: Identities;
  readonly #policies: ManagedPolicies;
  readonly #now: () => number;
  /** By account and name: a name is taken once, whatever its path and the case of its letters. */
  readonly #roles = new Map<string, IamRole>();

  constructor(from: { partition: string; identities: Identities; policies: ManagedPolicies; now: () => number }) {
    this.#partition = from.partition;
    this.#identities = from.identities;
    this.#policies = from.policies;
    this.#now = from.now;
  }

  create({ tags, ...from }: NewRole): IamRole {
    const arn = `arn:${this.#partition}:iam::${from.accountId}:role${from.path}${from.name}`;
    if (this.#find(from.accountId, from.name) !== undefined || this.#identities.roleOf(arn, this.#now()) !== undefined) {
      throw entityAlreadyExists(`Role with name ${from.name} already exists.`);
    }
    const role: IamRole = {
      ...from,
      arn,
      id: uniqueId('AROA', arn),
      createdAt: this.#now(),
      tags: new Map(tags),
      inlinePolicies: new Map(),
      attachedPolicies: new Map(),
    };
    this.#publish(role);
    this.#roles.set(keyOf(role.accountId, role.name), role);
    return role;
  }

  get(accountId: string, name: string): IamRole {
    const role = this.#find(accountId, name);
    if (role === undefined) throw roleNotFound(name);
    return role;
  }

  list(accountId: string, pathPrefix = '/'): IamRole[] {
    return [...this.#roles.values()]
      .filter((role) => role.accountId === accountId && role.path.startsWith(pathPrefix) && this.#exists(role))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  changeTrust(role: IamRole, trustDocument: string): void {
    const before = role.trustDocument;
    role.trustDocument = trustDocument;
    try {
      this.#publish(role);
    } catch (error) {
      role.trustDocument = before;
      throw error;
    }
  }

  putPolicy(role: IamRole, policyName: string, document: string): void {
    const statements = readPermissionPolicy(document);
    const others = [...role.inlinePolicies].filter(([name]) => name !== policyName).map(([, policy]) => policy.document);
    if ([document, ...others].join('').replace(/\s/g, '').length > longestInlinePolicies) {
      throw limitExceeded(`Maximum policy size of ${longestInlinePolicies} bytes exceeded for role ${role.name}`);
    }
    role.inlinePolicies.set(policyName, { document, statements });
  }

  policyOf(role: IamRole, policyName: string): string {
    const policy = role.inlinePolicies.get(policyName);
    if (policy === undefined) throw noSuchEntity(`The role policy with name ${policyName} cannot be found.`);
    return policy.document;
  }

  deletePolicy(role: IamRole, policyName: string): void {
    this.policyOf(role, policyName);
    role.inlinePolicies.delete(policyName);
  }

  attach(role: IamRole, policyArn: string): void {
    role.attachedPolicies.set(policyArn, this.#policies.get(policyArn));
  }

  detach(role: IamRole, policyArn: string): void {
    if (!role.attachedPolicies.delete(policyArn)) throw noSuchEntity(`Policy ${policyArn} was not found.`);
  }

  /** To how many roles a policy is attached. */
  attachmentsOf(policyArn: string): number {
    return [...this.#roles.values()].filter((role) => role.attachedPolicies.has(policyArn)).length;
  }

  delete(role: IamRole): void {
    if (role.attachedPolicies.size > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
    if (role.inlinePolicies.size > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
    this.#roles.delete(keyOf(role.accountId, role.name));
    this.#identities.removeRole(role.arn);
  }

  #find(accountId: string, name: string): IamRole | undefined {
    const role = this.#roles.get(keyOf(accountId, name));
    return role !== undefined && this.#exists(role) ? role : undefined;
  }

  /** Tests remove and replace roles behind IAM's back (`actions.removeRole`, `actions.putRole`): such a role is not IAM's any more. */
  #exists(role: IamRole): boolean {
    return this.#identities.roleOf(role.arn, this.#now())?.madeBy === role;
  }

  #publish(role: IamRole): void {
    const { arn, accountId, trustDocument, inlinePolicies, attachedPolicies } = role;
    this.#identities.putRole(
      {
        arn,
        accountId,
        trust: readTrustDocument(trustDocument),
        madeBy: role,
        permissions: () => [...inlinePolicies.values(), ...attachedPolicies.values()].flatMap(({ statements }) => statements),
        canReadOrganization: false,
        canChangeOrganization: false,
      },
      { now: this.#now(), propagationMs: 0 },
    );
  }
}

const keyOf = (accountId: string, name: string): string => `${accountId} ${name.toLowerCase()}`;
