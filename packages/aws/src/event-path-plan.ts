import { eventPathNames, eventPattern } from './event-path-names.js';
import type { QueueRead, RuleRead, RuleTargetRead } from './event-path-reads.js';
import type { EventPathStep, TargetReason } from './event-path-steps.js';
import { patternCovers } from './pattern-covers.js';
import { queuePolicyAllows, statementsOf } from './queue-policy.js';
import { withEventStatement } from './queue-statement.js';

export interface EventPathWanted {
  managementAccountId: string;
  /** Accounts whose event buses forward to this one: delegated administrators. */
  forwardingAccountIds?: readonly string[];
}

export interface EventPathPlan {
  /** Where all of it stands. */
  region: string;
  /** In the order in which they have to be taken. None where nothing is left to do. */
  steps: EventPathStep[];
  /** What no step mends. */
  warnings: string[];
  /** Of an undo: what stays, and why. */
  left: string[];
  /** Where the queue exists already. */
  queueUrl?: string;
}

export interface QueueState extends QueueRead {
  url: string;
  tags: Record<string, string>;
}

/** What stands in the account today. */
export interface EventPathState {
  partition: string;
  region: string;
  accountId: string;
  rule?: RuleRead & { tags: Record<string, string> };
  targets: RuleTargetRead[];
  queue?: QueueState;
  undeliveredQueue?: QueueState;
  busPolicy: unknown;
}

export function arnsOf({ partition, region, accountId }: Pick<EventPathState, 'partition' | 'region' | 'accountId'>) {
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
  return {
    rule: arn('events', `rule/${eventPathNames.rule}`),
    queue: arn('sqs', eventPathNames.queue),
    undelivered: arn('sqs', eventPathNames.undeliveredQueue),
  };
}

/** From what stands to what is wanted. Pure. Nothing of others is changed: their targets, statements and settings of queues stay. */
export function planEventPath(state: EventPathState, wanted: EventPathWanted): EventPathPlan {
  const arns = arnsOf(state);
  const warnings: string[] = [];
  const steps: EventPathStep[] = [
    ...queueSteps('undelivered', eventPathNames.undeliveredQueue, { state, arn: arns.undelivered, warnings }),
    ...queueSteps('events', eventPathNames.queue, { state, arn: arns.queue, warnings }),
    ...ruleSteps(state, warnings),
    ...targetSteps(state),
    ...(wanted.forwardingAccountIds ?? [])
      .filter((accountId) => !forwardingStatements(state).includes(forwardingStatement(accountId)))
      .map((accountId) => ({ kind: 'permit-forwarding' as const, accountId, statementId: forwardingStatement(accountId) })),
  ];
  return { region: state.region, steps, warnings, left: [], ...(state.queue ? { queueUrl: state.queue.url } : {}) };
}

function queueSteps(
  purpose: 'events' | 'undelivered',
  name: string,
  { state, arn: queueArn, warnings }: { state: EventPathState; arn: string; warnings: string[] },
): EventPathStep[] {
  const delivery = { ruleArn: arnsOf(state).rule, queueArn, accountId: state.accountId };
  const queue = purpose === 'events' ? state.queue : state.undeliveredQueue;
  if (!queue) return [{ kind: 'create-queue', name, purpose, policy: withEventStatement(undefined, delivery) }];
  if (queue.kmsKeyId !== undefined) {
    warnings.push(
      queue.kmsKeyId.endsWith('alias/aws/sqs')
        ? `The queue ${name} is encrypted with the AWS-managed key ${queue.kmsKeyId}, which EventBridge can not use. Encrypt it with the keys of SQS (SSE-SQS), or with a key of your own.`
        : `The queue ${name} is encrypted with the key ${queue.kmsKeyId}. The key's policy has to allow events.amazonaws.com kms:Decrypt and kms:GenerateDataKey, and Orgtrail's role kms:Decrypt.`,
    );
  }
  if (queuePolicyAllows(queue.policy, delivery) === 'allowed') return [];
  const policy = withEventStatement(queue.policy, delivery);
  const after = queuePolicyAllows(policy, delivery);
  if (after !== 'allowed') {
    const how = after === 'denied' ? 'forbids' : 'may forbid';
    warnings.push(
      `A Deny statement in the policy of the queue ${name} ${how} EventBridge to send. Only you can say what it is for.`,
    );
  }
  // Ours is there already: what is in its way is not ours to change.
  if (JSON.stringify(policy) === JSON.stringify(queue.policy)) return [];
  return [{ kind: 'set-queue-policy', queueUrl: queue.url, name, policy, purpose: 'allow' }];
}

function ruleSteps({ rule, targets }: EventPathState, warnings: string[]): EventPathStep[] {
  if (!rule) return [{ kind: 'put-rule', state: 'ENABLED', reason: 'missing' }];
  const state = rule.state === 'DISABLED' ? 'ENABLED' : rule.state;
  const covers = patternCovers(rule.pattern, eventPattern);
  if (covers === 'covers') return rule.state === 'DISABLED' ? [{ kind: 'enable-rule' }] : [];
  const others = targets.filter(({ id }) => id !== eventPathNames.target);
  if (others.length > 0) {
    warnings.push(
      `The rule ${eventPathNames.rule} has other targets (${others.map(({ id }) => id).join(', ')}): they get the events of the new pattern too.`,
    );
  }
  return [{ kind: 'put-rule', state, reason: covers === 'narrower' ? 'narrower' : 'unclear', replaces: rule.pattern }];
}

/** A target under any id that leads to the queue is the one: a second would deliver everything twice. */
function targetSteps(state: EventPathState): EventPathStep[] {
  const arns = arnsOf(state);
  const target =
    state.targets.find(({ arn }) => arn === arns.queue) ?? state.targets.find(({ id }) => id === eventPathNames.target);
  const put = (reason: TargetReason): EventPathStep[] => [
    {
      kind: 'put-target',
      targetId: target?.id ?? eventPathNames.target,
      queueArn: arns.queue,
      undeliveredArn: arns.undelivered,
      reason,
    },
  ];
  if (!target) return put('missing');
  if (target.arn !== arns.queue) return put('leads-elsewhere');
  if (target.rewritesEvents) return put('rewrites-events');
  // Another queue for what could not be delivered is as good.
  return target.undeliveredArn === undefined ? put('loses-undelivered') : [];
}

const forwardingStatement = (accountId: string): string => `${eventPathNames.forwardingStatement}${accountId}`;

const ourForwarding = new RegExp(`^${eventPathNames.forwardingStatement}\\d{12}$`);

/** Ids of the statements in the bus's policy that are ours: those of the templates have no account's id in theirs. */
export function forwardingStatements({ busPolicy }: Pick<EventPathState, 'busPolicy'>): string[] {
  const ids = statementsOf(busPolicy).map((statement) => (statement as { Sid?: unknown }).Sid);
  return ids.filter((id): id is string => typeof id === 'string' && ourForwarding.test(id));
}
