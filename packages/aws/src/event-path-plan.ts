import { eventPathArns } from './event-path-arns.js';
import { forwardingSteps } from './event-path-forwarding.js';
import { eventPathNames, eventPattern } from './event-path-names.js';
import { belongsToAnother, isOfAnother, ownTags } from './event-path-owner.js';
import type { QueueRead, RuleRead, RuleTargetRead } from './event-path-reads.js';
import type { EventPathStep, TargetReason } from './event-path-steps.js';
import { patternCovers } from './pattern-covers.js';
import { queuePolicyAllows } from './queue-policy.js';
import { withEventStatement } from './queue-statement.js';

export interface EventPathWanted {
  managementAccountId: string;
  /** For whom: what is made carries it, and what carries another is left alone. */
  integrationId: string;
  /** Accounts whose event buses forward to this one: delegated administrators. Absent: nothing of that is changed. */
  forwardingAccountIds?: readonly string[];
}

export interface EventPathPlan {
  /** Where all of it stands. */
  region: string;
  /** In the order in which they have to be taken. None where nothing is left to do. */
  steps: EventPathStep[];
  /** What no step mends. */
  warnings: string[];
  /** Why there is no way to make it: what has our names belongs to another integration. There are then no steps. */
  refusals: string[];
  /** Of an undo: what stays, and why. */
  left: string[];
  /** Where the queue exists already. */
  queueUrl?: string;
  /** Of an undo: after it nothing comes to the queue any more, or it is gone. */
  stopsEvents: boolean;
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

/**
 * From what stands to what is wanted. Pure. What others made under our names stays theirs: their other targets, statements and settings
 * are kept, and only what keeps events away is mended in place (a rule's state or pattern, a target). What is added has names of its own.
 */
export function planEventPath(state: EventPathState, { integrationId, forwardingAccountIds }: EventPathWanted): EventPathPlan {
  const refusals = refusalsOf(state, integrationId);
  if (refusals.length > 0) {
    return { region: state.region, steps: [], warnings: [], refusals, left: [], stopsEvents: false };
  }
  const tags = ownTags(integrationId);
  const { queue, undelivered } = queuesOf(state);
  const warnings: string[] = [];
  const steps: EventPathStep[] = [
    ...(undelivered === undefined ? [] : queueSteps(undelivered, state, { tags, warnings })),
    ...queueSteps(queue, state, { tags, warnings }),
    ...ruleSteps(state, { tags, warnings }),
    ...targetSteps(state, warnings),
    ...(forwardingAccountIds === undefined ? [] : forwardingSteps(state.busPolicy, forwardingAccountIds, warnings)),
  ];
  const { region, queue: { url } = {} } = state;
  return { region, steps, warnings, refusals: [], left: [], stopsEvents: false, ...(url === undefined ? {} : { queueUrl: url }) };
}

function refusalsOf({ rule, queue, undeliveredQueue }: EventPathState, integrationId: string): string[] {
  const found: [string, { tags: Record<string, string> } | undefined][] = [
    [`the rule ${eventPathNames.rule}`, rule],
    [`the queue ${eventPathNames.queue}`, queue],
    [`the queue ${eventPathNames.undeliveredQueue}`, undeliveredQueue],
  ];
  return found.flatMap(([what, it]) =>
    it !== undefined && isOfAnother(it.tags, integrationId) ? [`${what}: ${belongsToAnother(it.tags, integrationId)}`] : [],
  );
}

interface WantedQueue {
  purpose: 'events' | 'undelivered';
  name: string;
  arn: string;
  today: QueueState | undefined;
}

/** A target that has another queue for what it can not deliver needs none of ours. */
function queuesOf(state: EventPathState): { queue: WantedQueue; undelivered?: WantedQueue } {
  const arns = eventPathArns(state);
  const theirs = targetOf(state)?.undeliveredArn;
  const arn = arns['undelivered-queue'];
  return {
    queue: { purpose: 'events', name: eventPathNames.queue, arn: arns.queue, today: state.queue },
    ...(theirs !== undefined && theirs !== arn
      ? {}
      : { undelivered: { purpose: 'undelivered', name: eventPathNames.undeliveredQueue, arn, today: state.undeliveredQueue } }),
  };
}

function queueSteps(
  { purpose, name, arn: queueArn, today: queue }: WantedQueue,
  state: EventPathState,
  { tags, warnings }: { tags: Record<string, string>; warnings: string[] },
): EventPathStep[] {
  const delivery = { ruleArn: eventPathArns(state).rule, queueArn, accountId: state.accountId };
  if (!queue) return [{ kind: 'create-queue', name, purpose, tags, policy: withEventStatement(undefined, delivery) }];
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

function ruleSteps(
  { rule, targets }: EventPathState,
  { tags, warnings }: { tags: Record<string, string>; warnings: string[] },
): EventPathStep[] {
  if (!rule) return [{ kind: 'put-rule', state: 'ENABLED', reason: 'missing', tags }];
  const state = rule.state === 'DISABLED' ? 'ENABLED' : rule.state;
  const covers = patternCovers(rule.pattern, eventPattern);
  if (covers === 'covers') return rule.state === 'DISABLED' ? [{ kind: 'enable-rule' }] : [];
  const others = targets.filter(({ id }) => !targetIds.includes(id));
  if (others.length > 0) {
    warnings.push(
      `The rule ${eventPathNames.rule} has other targets (${others.map(({ id }) => id).join(', ')}): they get the events of the new pattern too.`,
    );
  }
  return [{ kind: 'put-rule', state, reason: covers === 'narrower' ? 'narrower' : 'unclear', replaces: rule.pattern }];
}

/** Of `enable-events`, and of the other ways. */
const targetIds: readonly string[] = [eventPathNames.enableEvents.target, eventPathNames.target];

/** A target under any id that leads to the queue is the one: a second would deliver everything twice. */
function targetOf(state: EventPathState): RuleTargetRead | undefined {
  const { queue } = eventPathArns(state);
  return state.targets.find(({ arn }) => arn === queue) ?? state.targets.find(({ id }) => targetIds.includes(id));
}

function targetSteps(state: EventPathState, warnings: string[]): EventPathStep[] {
  const arns = eventPathArns(state);
  const target = targetOf(state);
  const undeliveredArn = target?.undeliveredArn ?? arns['undelivered-queue'];
  const put = (reason: TargetReason): EventPathStep[] => [
    {
      kind: 'put-target',
      targetId: target?.id ?? eventPathNames.enableEvents.target,
      queueArn: arns.queue,
      undeliveredArn,
      reason,
    },
  ];
  if (!target) return put('missing');
  if (undeliveredArn !== arns['undelivered-queue']) {
    warnings.push(
      `What the target ${target.id} can not deliver goes to ${undeliveredArn}. Orgtrail's role may not read that queue: the doctor does not say what lies there.`,
    );
  }
  if (target.arn !== arns.queue) return put('leads-elsewhere');
  if (target.rewritesEvents) return put('rewrites-events');
  return target.undeliveredArn === undefined ? put('loses-undelivered') : [];
}
