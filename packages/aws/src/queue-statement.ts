import { eventPathNames } from './event-path-names.js';
import { statementsOf, type EventDelivery } from './queue-policy.js';

type Policy = { Version: string; Statement: object[] };

/** The policy with our statement, in the place of an older one of ours; everything else as it was. What is no policy is replaced. */
export function withEventStatement(policy: unknown, { ruleArn, queueArn }: EventDelivery): Policy {
  const ours = {
    Sid: eventPathNames.policyStatement,
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
  };
  const others = othersOf(policy);
  return { ...headOf(policy), Statement: [...others, ours] };
}

/** The policy without our statement; undefined where it has none. */
export function withoutEventStatement(policy: unknown): Policy | undefined {
  const others = othersOf(policy);
  return others.length === statementsOf(policy).length ? undefined : { ...headOf(policy), Statement: others };
}

const othersOf = (policy: unknown): object[] =>
  statementsOf(policy).filter((statement) => (statement as { Sid?: unknown }).Sid !== eventPathNames.policyStatement);

/** Version and Id of a policy. */
const headOf = (policy: unknown): { Version: string } => ({
  Version: '2012-10-17',
  ...(typeof policy === 'object' && policy !== null ? policy : {}),
});
