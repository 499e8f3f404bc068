import { eventPathArns } from './event-path-arns.js';
import { forbidForwarding } from './event-path-forwarding.js';
import { eventPathNames } from './event-path-names.js';
import type { EventPathPlan, EventPathState, QueueState } from './event-path-plan.js';
import { isOfAnother, whyItStays } from './event-path-owner.js';
import type { EventPathStep } from './event-path-steps.js';
import { withoutEventStatement } from './queue-statement.js';

/**
 * Removes the queues and the rule that `enable-events` made for this integration, and from those of others what has its names; not from
 * those of another integration, whose `enable-events` uses the same. Everything else stays, and is named. Pure.
 */
export function planEventPathUndo(state: EventPathState, { integrationId }: { integrationId: string }): EventPathPlan {
  const arns = eventPathArns(state);
  const left: string[] = [];
  const { queue, undeliveredQueue, rule } = state;
  const sharesNames = [queue, rule].some((it) => isOfAnother(it?.tags, integrationId));
  const isAdded = ({ id, arn }: { id: string; arn: string }) =>
    !sharesNames && id === eventPathNames.enableEvents.target && arn === arns.queue;
  const added = state.targets.filter(isAdded);
  const others = state.targets.filter((target) => !isAdded(target));
  const users = (queueArn: string): string[] =>
    others.filter(({ arn, undeliveredArn }) => arn === queueArn || undeliveredArn === queueArn).map(({ id }) => id);
  const ruleEnds = ruleSteps(rule, others, { integrationId, left });
  const queueEnds = queueSteps(queue, eventPathNames.queue, { users: users(arns.queue), integrationId, left });
  const steps: EventPathStep[] = [
    ...added.map(({ id }) => ({ kind: 'remove-target' as const, targetId: id })),
    ...ruleEnds,
    ...queueEnds,
    ...queueSteps(undeliveredQueue, eventPathNames.undeliveredQueue, {
      users: users(arns['undelivered-queue']),
      integrationId,
      left,
    }),
    ...(sharesNames ? [] : forbidForwarding(state.busPolicy)),
  ];
  return {
    region: state.region,
    steps,
    warnings: [],
    refusals: [],
    left,
    stopsEvents:
      queueEnds.some(({ kind }) => kind === 'delete-queue') ||
      (added.length > 0 && !others.some(({ arn }) => arn === arns.queue)),
    ...(queue ? { queueUrl: queue.url } : {}),
  };
}

function ruleSteps(
  rule: EventPathState['rule'],
  others: EventPathState['targets'],
  { integrationId, left }: { integrationId: string; left: string[] },
): EventPathStep[] {
  if (!rule) return [];
  const ids = others.map(({ id }) => id).join(', ');
  const stays = whyItStays(rule.tags, integrationId) ?? (others.length > 0 ? `it has other targets (${ids}).` : undefined);
  if (stays === undefined) return [{ kind: 'delete-rule' }];
  left.push(`the rule ${eventPathNames.rule}: ${stays}`);
  return [];
}

function queueSteps(
  queue: QueueState | undefined,
  name: string,
  { users, integrationId, left }: { users: readonly string[]; integrationId: string; left: string[] },
): EventPathStep[] {
  if (!queue) return [];
  const used = users.length > 0;
  const stays = whyItStays(queue.tags, integrationId) ?? (used ? `targets of the rule use it (${users.join(', ')}).` : undefined);
  if (stays === undefined) {
    return [{ kind: 'delete-queue', queueUrl: queue.url, name, messages: queue.visible + queue.inFlight + queue.delayed }];
  }
  left.push(`the queue ${name}${used ? ' with its policy' : ''}: ${stays}`);
  if (isOfAnother(queue.tags, integrationId)) return [];
  // Our statement may be what lets the events of those targets in.
  const policy = used ? undefined : withoutEventStatement(queue.policy);
  return policy ? [{ kind: 'set-queue-policy', queueUrl: queue.url, name, policy, purpose: 'withdraw' }] : [];
}
