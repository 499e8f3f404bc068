import { eventPathArns as arnsByName, type EventPathPlace as Place, type PolicyResource } from '@orgtrail/aws';

/** In policies the account is `*` where it is not known yet. */
export interface EventPathPlace extends Place {
  /** Of a queue that the customer made elsewhere. */
  otherQueueArn?: string | undefined;
}

/** The ARNs of the way that events take, to the queue that the integration reads. */
export function eventPathArns({ otherQueueArn, ...place }: EventPathPlace): Record<PolicyResource, string> {
  return { ...arnsByName(place), ...(otherQueueArn === undefined ? {} : { queue: otherQueueArn }) };
}
