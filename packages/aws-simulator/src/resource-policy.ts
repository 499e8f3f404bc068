import { isObject } from './iam/policy-document.js';
import { covers } from './iam/wildcards.js';

/** What somebody wants of a resource that has a policy of its own: a queue, or an event bus. */
export interface Wanted {
  /** A service of AWS, such as `events.amazonaws.com`, or an account. */
  principal: { service: string } | { accountId: string };
  action: string;
  /** ARN of the resource. */
  resource: string;
  /** Condition keys, all in small letters. */
  context: Readonly<Record<string, string>>;
}

/**
 * Whether a resource's policy lets somebody in. Conditions that are not simulated never hold for a statement that allows, and always for one that
 * denies: a policy opens no wider here than with AWS.
 */
export function policyAllows(policy: string | undefined, wanted: Wanted): boolean {
  const statements = statementsOf(policy).filter((statement) => concerns(statement, wanted));
  const apply = (effect: 'Allow' | 'Deny'): boolean =>
    statements.some(({ Effect, Condition }) => Effect === effect && holds(Condition, wanted.context, effect === 'Deny'));
  return apply('Allow') && !apply('Deny');
}

type Statement = Readonly<Record<string, unknown>>;

function statementsOf(policy: string | undefined): Statement[] {
  if (policy === undefined) return [];
  const document: unknown = JSON.parse(policy);
  return isObject(document) ? [document['Statement']].flat().filter(isObject) : [];
}

const listOf = (value: unknown): string[] => [value].flat().filter((item) => typeof item === 'string');

function concerns({ Principal, Action, Resource }: Statement, { principal, action, resource }: Wanted): boolean {
  return (
    names(Principal, principal) &&
    listOf(Action).some((pattern) => covers(pattern, action, { ignoreCase: true })) &&
    listOf(Resource).some((pattern) => covers(pattern, resource))
  );
}

function names(named: unknown, wanted: Wanted['principal']): boolean {
  if (named === '*') return true;
  if (!isObject(named)) return false;
  if ('service' in wanted) return listOf(named['Service']).some((service) => service === wanted.service || service === '*');
  return listOf(named['AWS']).some((arn) => arn === '*' || /(?:^|::)(\d{12})(?::root)?$/.exec(arn)?.[1] === wanted.accountId);
}

const operators: Readonly<Record<string, (pattern: string, value: string) => boolean>> = {
  StringEquals: (pattern, value) => pattern === value,
  StringLike: covers,
  ArnEquals: arnCovers,
  ArnLike: arnCovers,
};

function holds(condition: unknown, context: Wanted['context'], whenUnknown: boolean): boolean {
  if (condition === undefined) return true;
  if (!isObject(condition)) return whenUnknown;
  return Object.entries(condition).every(([operator, keys]) => {
    const compare = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
    if (compare === undefined || !isObject(keys)) return whenUnknown;
    return Object.entries(keys).every(([key, patterns]) => {
      const value = context[key.toLowerCase()];
      return value !== undefined && listOf(patterns).some((pattern) => compare(pattern, value));
    });
  });
}

/** Part by part: a `*` in one part of an ARN reaches no other, except in the last one, which has all the rest. */
function arnCovers(pattern: string, arn: string): boolean {
  const parts = (text: string): string[] => {
    const all = text.split(':');
    return [...all.slice(0, 5), all.slice(5).join(':')];
  };
  const values = parts(arn);
  return parts(pattern).every((part, index) => covers(part, values[index] ?? ''));
}
