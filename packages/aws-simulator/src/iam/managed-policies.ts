import { uniqueId } from '../events/user-identity.js';
import { deleteConflict, entityAlreadyExists, limitExceeded, noSuchEntity } from './iam-errors.js';
import { readPermissionPolicy, type PermissionStatement } from './permission-policy.js';

export interface ManagedPolicy {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly description: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  document: string;
  statements: readonly PermissionStatement[];
  updatedAt: number;
  version: number;
}

const longestDocument = 6144;

/** Of the policies that AWS itself keeps, those that somebody needed here. */
const keptByAws: Readonly<Record<string, readonly string[]>> = {
  AdministratorAccess: ['*'],
  AWSOrganizationsReadOnlyAccess: ['organizations:Describe*', 'organizations:List*'],
};

/** Managed policies of customers' accounts, by ARN, and a few of AWS's own. */
export class ManagedPolicies {
  readonly #partition: string;
  readonly #policies = new Map<string, ManagedPolicy>();

  constructor(partition: string) {
    this.#partition = partition;
    for (const [name, actions] of Object.entries(keptByAws)) {
      const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
      this.create({ accountId: 'aws', name, path: '/', document: JSON.stringify(document), description: '', now: 0 });
    }
  }

  create(from: {
    accountId: string;
    name: string;
    path: string;
    document: string;
    description: string;
    now: number;
  }): ManagedPolicy {
    const { accountId, name, path, document, description, now } = from;
    const arn = `arn:${this.#partition}:iam::${accountId}:policy${path}${name}`;
    if (this.#policies.has(arn))
      throw entityAlreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
    const statements = readDocument(document);
    const id = uniqueId('ANPA', arn);
    const policy = { arn, id, name, path, description, createdAt: now, updatedAt: now, document, statements, version: 1 };
    this.#policies.set(arn, policy);
    return policy;
  }

  get(arn: string): ManagedPolicy {
    const policy = this.#policies.get(arn);
    if (policy === undefined) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    return policy;
  }

  /** A new default version: whoever the policy is attached to goes by it at once. */
  change(arn: string, document: string, now: number): void {
    const policy = this.get(arn);
    const statements = readDocument(document);
    Object.assign(policy, { document, statements, updatedAt: now, version: policy.version + 1 });
  }

  delete(arn: string, attachments: number): void {
    this.get(arn);
    if (attachments > 0) throw deleteConflict('Cannot delete a policy attached to entities.');
    this.#policies.delete(arn);
  }

  /** Of one account. */
  list(accountId: string): ManagedPolicy[] {
    return [...this.#policies.values()].filter(({ arn }) => arn.split(':')[4] === accountId);
  }
}

function readDocument(document: string): PermissionStatement[] {
  const statements = readPermissionPolicy(document);
  if (document.replace(/\s/g, '').length > longestDocument) {
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${longestDocument}`);
  }
  return statements;
}
