import { eventPathNames, type PolicyResource } from '@orgtrail/aws';

export interface EventPathPlace {
  partition: string;
  region: string;
  /** Of the management account; in policies `*` where it is not known yet. */
  accountId: string;
  /** Of a queue that the customer made elsewhere. */
  otherQueueArn?: string | undefined;
}

/** The ARNs of the way that events take; by what an action is allowed on. */
export function eventPathArns({ partition, region, accountId, otherQueueArn }: EventPathPlace): Record<PolicyResource, string> {
  return {
    any: '*',
    rule: `arn:${partition}:events:${region}:${accountId}:rule/${eventPathNames.rule}`,
    queue: otherQueueArn ?? `arn:${partition}:sqs:${region}:${accountId}:${eventPathNames.queue}`,
    'undelivered-queue': `arn:${partition}:sqs:${region}:${accountId}:${eventPathNames.undeliveredQueue}`,
  };
}
