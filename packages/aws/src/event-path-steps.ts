import { eventPathNames, eventPattern } from './event-path-names.js';
import { shellWord } from './shell-word.js';

/** One change of the way that events take. ARNs and addresses are whole, so that a step can be shown, and carried out, by itself. */
export type EventPathStep =
  | { kind: 'create-queue'; name: string; purpose: 'events' | 'undelivered'; tags: Tags; policy: object }
  | { kind: 'set-queue-policy'; queueUrl: string; name: string; policy: object; purpose: 'allow' | 'withdraw' }
  // Of a rule that exists, AWS takes no tags.
  | { kind: 'put-rule'; state: string; reason: 'missing'; tags: Tags }
  | { kind: 'put-rule'; state: string; reason: 'narrower' | 'unclear'; replaces: unknown }
  | { kind: 'enable-rule' }
  | { kind: 'put-target'; targetId: string; queueArn: string; undeliveredArn: string; reason: TargetReason }
  | { kind: 'permit-forwarding' | 'forbid-forwarding'; accountId: string; statementId: string }
  | { kind: 'remove-target'; targetId: string }
  | { kind: 'delete-rule' }
  | { kind: 'delete-queue'; queueUrl: string; name: string; messages: number };

/** What is gone already needs it no more: somebody else was faster. */
export function takesAway(step: EventPathStep): boolean {
  switch (step.kind) {
    case 'forbid-forwarding':
    case 'remove-target':
    case 'delete-rule':
    case 'delete-queue':
      return true;
    case 'set-queue-policy':
      return step.purpose === 'withdraw';
    default:
      return false;
  }
}

type Tags = Readonly<Record<string, string>>;

export type TargetReason = 'missing' | 'leads-elsewhere' | 'loses-undelivered' | 'rewrites-events';

/** 14 days, AWS's longest: what waits for a service that is down is lost after that. */
const retentionSeconds = 14 * 24 * 3600;

/** Of both queues. Whoever takes messages says each time for how long. */
export const queueAttributes = (policy: object): Record<string, string> => ({
  MessageRetentionPeriod: String(retentionSeconds),
  // A key of SQS: EventBridge can not use the AWS-managed key of KMS.
  SqsManagedSseEnabled: 'true',
  Policy: JSON.stringify(policy),
});

export const ruleDescription = 'Changes of the organization, for Orgtrail';

const targetReasons: Readonly<Record<TargetReason, string>> = {
  missing: '',
  'leads-elsewhere': ' It leads to another place today.',
  'loses-undelivered': ' Today what can not be delivered is lost.',
  'rewrites-events': ' Today it rewrites the events, which Orgtrail then can not read.',
};

/** A step for people, and the command of the AWS CLI that does the same. */
export function describeStep(step: EventPathStep, region: string): { text: string; command: string } {
  const described = (text: string, ...command: string[]) => ({
    text,
    command: ['aws', ...command, '--region', region].join(' '),
  });
  const { rule } = eventPathNames;
  switch (step.kind) {
    case 'create-queue': {
      const what = step.purpose === 'events' ? 'for the events' : 'for events that can not be delivered';
      return described(
        `Create the queue ${step.name} ${what}: encrypted by SQS, kept for 14 days, and only the rule ${rule} may send.`,
        ...['sqs', 'create-queue', '--queue-name', shellWord(step.name)],
        ...[
          '--attributes',
          shellWord(JSON.stringify(queueAttributes(step.policy))),
          '--tags',
          shellWord(
            Object.entries(step.tags)
              .map((pair) => pair.join('='))
              .join(','),
          ),
        ],
      );
    }
    case 'set-queue-policy':
      return described(
        step.purpose === 'allow'
          ? `Let the rule ${rule} send to the queue ${step.name}. Other statements of its policy stay.`
          : `Take the statement of enable-events out of the policy of the queue ${step.name}. Other statements stay.`,
        ...['sqs', 'set-queue-attributes', '--queue-url', shellWord(step.queueUrl)],
        ...['--attributes', shellWord(JSON.stringify({ Policy: policyText(step.policy) }))],
      );
    case 'put-rule': {
      const before = { missing: '', narrower: ', which is narrower', unclear: ', which can not be judged' }[step.reason];
      const text =
        step.reason === 'missing'
          ? `Create the rule ${rule} for the changes of the organization.`
          : `Replace the event pattern of the rule ${rule}${before}: ${step.replaces === undefined ? 'none' : JSON.stringify(step.replaces)}.`;
      return described(
        text,
        ...['events', 'put-rule', '--name', rule, '--state', step.state, '--description', shellWord(ruleDescription)],
        ...['--event-pattern', shellWord(JSON.stringify(eventPattern))],
        ...(step.reason === 'missing'
          ? ['--tags', ...Object.entries(step.tags).map(([key, value]) => shellWord(`Key=${key},Value=${value}`))]
          : []),
      );
    }
    case 'enable-rule':
      return described(`Enable the rule ${rule}: it is disabled.`, 'events', 'enable-rule', '--name', rule);
    case 'put-target':
      return described(
        `Send the events to the queue, as target ${step.targetId} of the rule ${rule}.${targetReasons[step.reason]}`,
        ...['events', 'put-targets', '--rule', rule, '--targets', shellWord(JSON.stringify([targetInput(step)]))],
      );
    case 'permit-forwarding':
      return described(
        `Let account ${step.accountId} forward its events to the default event bus.`,
        ...['events', 'put-permission', '--action', 'events:PutEvents', '--principal', step.accountId],
        ...['--statement-id', step.statementId],
      );
    case 'forbid-forwarding':
      return described(
        `Let account ${step.accountId} no longer forward its events to the default event bus.`,
        ...['events', 'remove-permission', '--statement-id', step.statementId],
      );
    case 'remove-target':
      return described(
        `Remove the target ${step.targetId} of the rule ${rule}.`,
        ...['events', 'remove-targets', '--rule', rule, '--ids', shellWord(step.targetId)],
      );
    case 'delete-rule':
      return described(`Delete the rule ${rule}.`, 'events', 'delete-rule', '--name', rule);
    case 'delete-queue':
      return described(
        `Delete the queue ${step.name}, with about ${step.messages} messages in it.`,
        ...['sqs', 'delete-queue', '--queue-url', shellWord(step.queueUrl)],
      );
  }
}

export const targetInput = (step: { targetId: string; queueArn: string; undeliveredArn: string }) => ({
  Id: step.targetId,
  Arn: step.queueArn,
  DeadLetterConfig: { Arn: step.undeliveredArn },
});

/** SQS takes no policy without statements, but an empty text. */
export function policyText(policy: object): string {
  const { Statement } = policy as { Statement?: unknown[] };
  return Statement?.length === 0 ? '' : JSON.stringify(policy);
}
