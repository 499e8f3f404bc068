/** On what an action is allowed in the policies that are made from it. */
export type PolicyResource = 'any' | 'rule' | 'queue' | 'undelivered-queue';

/** An IAM action that a reader or writer needs, declared beside its calls. Policies are made of these, and of nothing else. */
export interface DeclaredAction {
  /** For example `organizations:ListAccounts`. */
  action: string;
  resources: readonly PolicyResource[];
}

export function declare(service: string, operations: readonly string[], ...resources: PolicyResource[]): DeclaredAction[] {
  return operations.map((operation) => ({ action: `${service}:${operation}`, resources }));
}
