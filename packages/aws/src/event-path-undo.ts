import { eventPathNames } from './event-path-names.js';
import { arnsOf, forwardingStatements, type EventPathPlan, type EventPathState, type QueueState } from './event-path-plan.js';
import type { EventPathStep } from './event-path-steps.js';
import { withoutEventStatement } from './queue-statement.js';

/** Removes what `enable-events` made, and what it added to what others made. Everything else stays, and is named. Pure. */
export function planEventPathUndo(state: EventPathState): EventPathPlan {
  const arns = arnsOf(state);
  const left: string[] = [];
  const steps = ruleSteps(state, left);
  const removed = new Set(steps.flatMap((step) => (step.kind === 'remove-target' ? [step.targetId] : [])));
  const targets = state.targets.filter(({ id }) => !removed.has(id));
  const users = (arn: string): string[] =>
    targets.filter((target) => target.arn === arn || target.undeliveredArn === arn).map(({ id }) => id);
  return {
    region: state.region,
    steps: [
      ...steps,
      ...queueSteps(state.queue, eventPathNames.queue, { users: users(arns.queue), left }),
      ...queueSteps(state.undeliveredQueue, eventPathNames.undeliveredQueue, { users: users(arns.undelivered), left }),
      ...forwardingStatements(state).map((statementId) => ({
        kind: 'forbid-forwarding' as const,
        accountId: statementId.slice(eventPathNames.forwardingStatement.length),
        statementId,
      })),
    ],
    warnings: [],
    left,
    ...(state.queue ? { queueUrl: state.queue.url } : {}),
  };
}

function ruleSteps({ rule, targets, ...place }: EventPathState, left: string[]): EventPathStep[] {
  if (!rule) return [];
  const name = `the rule ${eventPathNames.rule}`;
  const maker = stackOf(rule.tags);
  if (maker !== undefined) {
    left.push(`${name} with its targets: the stack ${maker} made it. Delete the stack.`);
    return [];
  }
  const ours = targets.filter(({ id, arn }) => id === eventPathNames.target && arn === arnsOf(place).queue);
  const others = targets.filter((target) => !ours.includes(target));
  const steps: EventPathStep[] = ours.map(({ id }) => ({ kind: 'remove-target', targetId: id }));
  if (!isOurs(rule.tags)) left.push(`${name}: it was not made by enable-events (it lacks the tag ${eventPathNames.tag.key}).`);
  else if (others.length > 0) left.push(`${name}: it has other targets (${others.map(({ id }) => id).join(', ')}).`);
  else steps.push({ kind: 'delete-rule' });
  return steps;
}

function queueSteps(
  queue: QueueState | undefined,
  name: string,
  { users, left }: { users: readonly string[]; left: string[] },
): EventPathStep[] {
  if (!queue) return [];
  const maker = stackOf(queue.tags);
  if (maker !== undefined) {
    left.push(`the queue ${name}: the stack ${maker} made it. Delete the stack.`);
    return [];
  }
  if (users.length > 0) {
    left.push(`the queue ${name} with its policy: targets of the rule use it (${users.join(', ')}).`);
    return [];
  }
  if (isOurs(queue.tags)) {
    return [{ kind: 'delete-queue', queueUrl: queue.url, name, messages: queue.visible + queue.inFlight + queue.delayed }];
  }
  left.push(`the queue ${name}: it was not made by enable-events (it lacks the tag ${eventPathNames.tag.key}).`);
  const policy = withoutEventStatement(queue.policy);
  return policy ? [{ kind: 'set-queue-policy', queueUrl: queue.url, name, policy, purpose: 'withdraw' }] : [];
}

const isOurs = (tags: Readonly<Record<string, string>>): boolean => tags[eventPathNames.tag.key] === eventPathNames.tag.value;
const stackOf = (tags: Readonly<Record<string, string>>): string | undefined => tags['aws:cloudformation:stack-name'];
