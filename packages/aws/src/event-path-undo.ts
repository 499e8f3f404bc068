import { eventPathArns } from './event-path-arns.js';
import { forbidForwarding } from './event-path-forwarding.js';
import { eventPathNames } from './event-path-names.js';
import type { EventPathPlan, EventPathState, QueueState } from './event-path-plan.js';
import type { EventPathStep } from './event-path-steps.js';
import { withoutEventStatement } from './queue-statement.js';

/**
 * Removes the queues and the rule that carry the tag of `enable-events`, and from those of others what has its names. Everything else
 * stays, and is named. Pure.
 */
export function planEventPathUndo(state: EventPathState): EventPathPlan {
  const arns = eventPathArns(state);
  const left: string[] = [];
  const isAdded = ({ id, arn }: { id: string; arn: string }) => id === eventPathNames.enableEvents.target && arn === arns.queue;
  const added = state.targets.filter(isAdded);
  const others = state.targets.filter((target) => !isAdded(target));
  const users = (queueArn: string): string[] =>
    others.filter(({ arn, undeliveredArn }) => arn === queueArn || undeliveredArn === queueArn).map(({ id }) => id);
  const { queue, undeliveredQueue, rule } = state;
  const ruleEnds = ruleSteps(rule, others, left);
  const queueEnds = queueSteps(queue, eventPathNames.queue, { users: users(arns.queue), left });
  const steps: EventPathStep[] = [
    ...added.map(({ id }) => ({ kind: 'remove-target' as const, targetId: id })),
    ...ruleEnds,
    ...queueEnds,
    ...queueSteps(undeliveredQueue, eventPathNames.undeliveredQueue, { users: users(arns['undelivered-queue']), left }),
    ...forbidForwarding(state.busPolicy),
  ];
  return {
    region: state.region,
    steps,
    warnings: [],
    left,
    stopsEvents:
      queueEnds.some(({ kind }) => kind === 'delete-queue') ||
      (added.length > 0 && !others.some(({ arn }) => arn === arns.queue)),
    ...(queue ? { queueUrl: queue.url } : {}),
  };
}

function ruleSteps(rule: EventPathState['rule'], others: EventPathState['targets'], left: string[]): EventPathStep[] {
  if (!rule) return [];
  const ids = others.map(({ id }) => id).join(', ');
  const stays = whyItStays(rule.tags) ?? (others.length > 0 ? `it has other targets (${ids}).` : undefined);
  if (stays === undefined) return [{ kind: 'delete-rule' }];
  left.push(`the rule ${eventPathNames.rule}: ${stays}`);
  return [];
}

function queueSteps(
  queue: QueueState | undefined,
  name: string,
  { users, left }: { users: readonly string[]; left: string[] },
): EventPathStep[] {
  if (!queue) return [];
  const used = users.length > 0;
  const stays = whyItStays(queue.tags) ?? (used ? `targets of the rule use it (${users.join(', ')}).` : undefined);
  if (stays === undefined) {
    return [{ kind: 'delete-queue', queueUrl: queue.url, name, messages: queue.visible + queue.inFlight + queue.delayed }];
  }
  left.push(`the queue ${name}${used ? ' with its policy' : ''}: ${stays}`);
  // Our statement may be what lets the events of those targets in.
  const policy = used ? undefined : withoutEventStatement(queue.policy);
  return policy ? [{ kind: 'set-queue-policy', queueUrl: queue.url, name, policy, purpose: 'withdraw' }] : [];
}

/** Undefined for what `enable-events` made. */
function whyItStays(tags: Readonly<Record<string, string>>): string | undefined {
  const stack = tags['aws:cloudformation:stack-name'];
  if (stack !== undefined) return `the stack ${stack} made it. Delete the stack.`;
  const { key, value } = eventPathNames.tag;
  return tags[key] === value ? undefined : `it was not made by enable-events (it lacks the tag ${key}=${value}).`;
}
