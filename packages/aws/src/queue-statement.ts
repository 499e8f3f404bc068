import { eventPathNames } from './event-path-names.js';
import { statementsOf, type EventDelivery } from './queue-policy.js';

/** Lets one rule, and nobody else, send to a queue. `Value` is text, or how a template says a value that it computes. */
export const eventStatement = <Value>({ sid, ruleArn, queueArn }: { sid: string; ruleArn: Value; queueArn: Value }) => ({
  Sid: sid,
  Effect: 'Allow' as const,
  Principal: { Service: 'events.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: queueArn,
  Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
});

type Policy = { Version: string; Statement: object[] };
const sid = eventPathNames.enableEvents.policyStatement;

/** The policy with the statement of `enable-events`, in the place of an older one; everything else as it was. What is no policy is replaced. */
export function withEventStatement(policy: unknown, { ruleArn, queueArn }: EventDelivery): Policy {
  return { ...headOf(policy), Statement: [...othersOf(policy), eventStatement({ sid, ruleArn, queueArn })] };
}

/** The policy without the statement of `enable-events`; undefined where it has none. */
export function withoutEventStatement(policy: unknown): Policy | undefined {
  const others = othersOf(policy);
  return others.length === statementsOf(policy).length ? undefined : { ...headOf(policy), Statement: others };
}

const othersOf = (policy: unknown): object[] =>
  statementsOf(policy).filter((statement) => (statement as { Sid?: unknown }).Sid !== sid);

/** Version and Id of a policy. */
const headOf = (policy: unknown): { Version: string } => ({
  Version: '2012-10-17',
  ...(typeof policy === 'object' && policy !== null ? policy : {}),
});
