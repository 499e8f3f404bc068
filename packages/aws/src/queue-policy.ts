import { everyOf, someOf, type Judgement } from './judgement.js';
import { conditionHolds, listOf, matchesGlob } from './policy-conditions.js';

export interface EventDelivery {
  ruleArn: string;
  queueArn: string;
  /** Of the rule. */
  accountId: string;
}

const sender = 'events.amazonaws.com';
const action = 'sqs:SendMessage';

interface Statement {
  Effect?: unknown;
  Principal?: unknown;
  NotPrincipal?: unknown;
  Action?: unknown;
  NotAction?: unknown;
  Resource?: unknown;
  NotResource?: unknown;
  Condition?: unknown;
}

/**
 * Whether a queue's policy lets EventBridge deliver what the rule sends. `unknown` where a statement decides by something that is not
 * judged here. A key of KMS, and policies of the organization, are other questions.
 */
export function queuePolicyAllows(policy: unknown, delivery: EventDelivery): 'allowed' | 'denied' | 'unknown' {
  if (typeof policy === 'string') return 'unknown';
  const statements = statementsOf(policy);
  const matching = (effect: string): Judgement =>
    someOf(statements.filter(({ Effect }) => Effect === effect).map((statement) => concerns(statement, delivery)));
  const denied = matching('Deny');
  const allowed = matching('Allow');
  if (denied === true || allowed === false) return 'denied';
  return denied === undefined || allowed === undefined ? 'unknown' : 'allowed';
}

export function statementsOf(policy: unknown): Statement[] {
  return listOf((policy as { Statement?: unknown } | null | undefined)?.Statement).filter(
    (statement): statement is Statement => typeof statement === 'object' && statement !== null,
  );
}

function concerns(statement: Statement, { ruleArn, queueArn, accountId }: EventDelivery): Judgement {
  const context: Readonly<Record<string, string>> = {
    'aws:sourcearn': ruleArn,
    'aws:sourceaccount': accountId,
    'aws:principalservicename': sender,
    'aws:principalisawsservice': 'true',
    'aws:securetransport': 'true',
  };
  return everyOf([
    namesSender(statement),
    named(statement.Action, statement.NotAction, (pattern) => matchesGlob(pattern.toLowerCase(), action.toLowerCase())),
    named(statement.Resource, statement.NotResource, (pattern) => matchesGlob(pattern, queueArn)),
    conditionHolds(statement.Condition, context),
  ]);
}

function namesSender({ Principal, NotPrincipal }: Statement): Judgement {
  if (NotPrincipal !== undefined) return undefined;
  if (Principal === '*') return true;
  if (typeof Principal !== 'object' || Principal === null) return false;
  const { Service, AWS } = Principal as { Service?: unknown; AWS?: unknown };
  return listOf(Service).some((service) => service === sender || service === '*') || listOf(AWS).includes('*');
}

/** One of a pair such as Action and NotAction. */
function named(given: unknown, excluded: unknown, matches: (pattern: string) => boolean): boolean {
  const some = (patterns: unknown): boolean => listOf(patterns).some((one) => typeof one === 'string' && matches(one));
  return excluded === undefined ? some(given) : !some(excluded);
}
