import type { StoredCause } from '../observed/sql/store-subjects.js';
import type { UnpublishedSubject } from '../observed/sql/unpublished-subjects.js';
import type { DelayPart } from './metrics.js';

type Times = Pick<StoredCause, 'eventTime' | 'sentAt' | 'receivedAt'>;

/** How long an event took until the queue had it (CloudTrail's time has whole seconds), and in the queue. A part that nobody timed is absent. Pure. */
export function delaysOnTheWay({ eventTime, sentAt, receivedAt }: Times): { part: DelayPart; milliseconds: number }[] {
  const between = (part: DelayPart, from: string | undefined, to: string | undefined) =>
    from === undefined || to === undefined ? [] : [{ part, milliseconds: Math.max(0, Date.parse(to) - Date.parse(from)) }];
  return [...between('aws', eventTime, sentAt), ...between('queue', sentAt, receivedAt)];
}

/**
 * How long these were with us, from taking in the event that they answer to the bus's acknowledgement. What only a confirmation showed is
 * not among them: until then AWS answered with what was. Pure.
 */
export function delaysWithUs(subjects: readonly UnpublishedSubject[], now: number): number[] {
  return subjects.flatMap(({ cause, baseline }) =>
    cause?.receivedAt === undefined || cause.isConfirmed === true || baseline
      ? []
      : [Math.max(0, now - Date.parse(cause.receivedAt))],
  );
}
