/** On what an action is allowed in the policies that are made from it. */
export type PolicyResource = 'any' | 'rule' | 'queue' | 'undelivered-queue';

/** An IAM action that a reader or writer needs, declared beside its calls. Policies are made of these, and of nothing else. */
export interface DeclaredAction<Action extends string = string> {
  /** For example `organizations:ListAccounts`. */
  action: Action;
  resources: readonly PolicyResource[];
}

export function declare<const Service extends string, const Operation extends string>(
  service: Service,
  operations: readonly Operation[],
  ...resources: PolicyResource[]
): DeclaredAction<`${Service}:${Operation}`>[] {
  return operations.map((operation) => ({ action: `${service}:${operation}`, resources }) as const);
}

/** One list of several: an action that two files declare is allowed on what both name. In alphabetical order. */
export function mergeActions<Action extends string>(
  ...lists: readonly (readonly DeclaredAction<Action>[])[]
): readonly DeclaredAction<Action>[] {
  const merged = new Map<Action, Set<PolicyResource>>();
  for (const { action, resources } of lists.flat()) {
    merged.set(action, new Set([...(merged.get(action) ?? []), ...resources]));
  }
  return [...merged]
    .map(([action, resources]) => ({ action, resources: [...resources] }))
    .sort((left, right) => left.action.localeCompare(right.action));
}
