import type { PolicyResource } from './declared-actions.js';
import { eventPathNames } from './event-path-names.js';

export interface EventPathPlace {
  partition: string;
  region: string;
  accountId: string;
}

/** The ARNs of the way that events take; by what an action is allowed on. */
export function eventPathArns({ partition, region, accountId }: EventPathPlace): Record<PolicyResource, string> {
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
  return {
    any: '*',
    rule: arn('events', `rule/${eventPathNames.rule}`),
    queue: arn('sqs', eventPathNames.queue),
    'undelivered-queue': arn('sqs', eventPathNames.undeliveredQueue),
  };
}
