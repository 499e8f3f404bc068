import { eventPathNames, eventStatement, type DeclaredAction, type PolicyResource } from '@orgtrail/aws';

/** An IAM policy. `Value` is text, or how a template says a value that it computes. */
export interface PolicyDocument<Value = string> {
  Version: '2012-10-17';
  Statement: Statement<Value>[];
}

export interface Statement<Value = string> {
  Sid?: string;
  Effect: 'Allow';
  Principal?: Record<string, Value | Value[]>;
  Action: string | string[];
  Resource?: Value | Value[];
  Condition?: Record<string, Record<string, Value | Value[]>>;
}

const version = '2012-10-17';

/** Allows exactly the declared actions, each on what it was declared for. Throws for a resource that has no value here. */
export function permissionsPolicy<Value>(
  actions: readonly DeclaredAction[],
  resources: Readonly<Partial<Record<PolicyResource, Value>>>,
): PolicyDocument<Value> {
  const byResources = new Map<string, { on: readonly PolicyResource[]; actions: Set<string> }>();
  for (const { action, resources: on } of actions) {
    const key = on.toSorted().join();
    const group = byResources.get(key) ?? { on, actions: new Set<string>() };
    byResources.set(key, { ...group, actions: group.actions.add(action) });
  }
  return {
    Version: version,
    Statement: [...byResources.values()].map(({ on, actions: allowed }) => ({
      Effect: 'Allow',
      Action: [...allowed].sort(),
      Resource: oneOrMore(on.map((resource) => required(resources, resource))),
    })),
  };
}

function required<Value>(resources: Readonly<Partial<Record<PolicyResource, Value>>>, resource: PolicyResource): Value {
  const value = resources[resource];
  if (value === undefined) throw new Error(`An action is declared on ${resource}, which this role does not know.`);
  return value;
}

/** Lets exactly one principal in, and only with one of the external ids. */
export function trustPolicy<Value>(principal: Value, externalIds: readonly Value[]): PolicyDocument<Value> {
  return {
    Version: version,
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: principal },
        Action: 'sts:AssumeRole',
        ...(externalIds.length === 0 ? {} : { Condition: { StringEquals: { 'sts:ExternalId': oneOrMore(externalIds) } } }),
      },
    ],
  };
}

/** Of a queue: nobody but our rule may send. */
export function queuePolicy<Value>(delivery: { queueArn: Value; ruleArn: Value }) {
  return { Version: version, Statement: [eventStatement({ ...delivery, sid: eventPathNames.policyStatement })] };
}

/** What Orgtrail's own identity needs: to assume the roles of this name, in whatever account they stand. */
export function ownPolicy(role: { partition: string; roleName: string; rolePath: string }): PolicyDocument {
  return {
    Version: version,
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roleArn({ ...role, accountId: '*' }) }],
  };
}

export function roleArn(role: { partition: string; accountId: string; roleName: string; rolePath: string }): string {
  return `arn:${role.partition}:iam::${role.accountId}:role${role.rolePath}${role.roleName}`;
}

function oneOrMore<T>(values: readonly T[]): T | T[] {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : [...values];
}
