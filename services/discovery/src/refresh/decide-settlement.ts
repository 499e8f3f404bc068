import { AwsError } from '@orgtrail/aws';
import type { Part } from '../subjects.js';
import type { SubjectReading } from './read-subject.js';
import type { RefreshRequest } from './sql/claim-due-requests.js';
import type { Settlement } from './sql/settle-requests.js';

export interface ConfirmationPolicy {
  /** Seconds after which the parts that an event touched are read again (invariant 11); by default 30 s and 5 min. */
  confirmAfterSeconds: readonly number[];
  /** Seconds between two "not found" that end a live subject without a departure event. */
  confirmNotFoundAfterSeconds: number;
  /** The longest wait between two tries of a part that could not be read. */
  maximumRetrySeconds: number;
}

/** Tags of a new account start its member only when they were read so long after it appeared: as long as a confirmation waits. */
export function confirmTagsAfterSeconds({ confirmAfterSeconds: [first = 30] }: ConfirmationPolicy): number {
  return first;
}

export interface Decision {
  /** The "not found" may be merged. */
  acceptGone: boolean;
  settlement: Settlement;
}

/**
 * What becomes of a request after its reads: pure, so that the rules about ending and confirming can be read in one place.
 * `isLive`: whether the subject is alive in what discovery holds.
 */
export function decideSettlement(
  request: Pick<RefreshRequest, 'reason' | 'departureAnnounced' | 'confirmations' | 'notFound' | 'attempts' | 'parts'>,
  reading: Pick<SubjectReading, 'gone' | 'unread'>,
  options: { isLive: boolean; policy: ConfirmationPolicy },
): Decision {
  const { policy, isLive } = options;
  if (reading.gone) {
    // A complete list is the whole truth about what it lists.
    const fromList = reading.gone.gone !== 'not-found';
    const certain = !isLive || request.departureAnnounced || fromList || request.notFound >= 1;
    if (!certain) {
      return {
        acceptGone: false,
        settlement: { outcome: 'confirm', afterSeconds: policy.confirmNotFoundAfterSeconds, notFound: request.notFound + 1 },
      };
    }
    return { acceptGone: true, settlement: confirmOrDone(request, policy) };
  }
  if (isMissingTarget(reading)) {
    // There is nobody whose tags they could be. Should the subject come (back), all that was not read of it is asked for then.
    if (!isLive) return { acceptGone: false, settlement: { outcome: 'done' } };
    // It lives for us until DescribeAccount says otherwise, perhaps as held for days: after some tries what is known of its tags stays,
    // and whoever finds them different asks again. Tags that were never read stay due.
    if (!isNeverRead(request) && request.attempts >= triesOfMissingTags)
      return { acceptGone: false, settlement: confirmOrDone(request, policy) };
  }
  if (reading.unread.length > 0) {
    return {
      acceptGone: false,
      settlement: {
        outcome: 'retry',
        parts: partsToRetry(request, reading),
        afterSeconds: Math.min(2 ** Math.min(request.attempts, 16), policy.maximumRetrySeconds),
        error: reading.unread.map(({ part, error }) => `${part}: ${error.message}`).join('; '),
      },
    };
  }
  return { acceptGone: false, settlement: confirmOrDone(request, policy) };
}

/** What an event touched is confirmed as a whole, so all of it stays in the request. */
function partsToRetry(
  { reason, parts }: Pick<RefreshRequest, 'reason' | 'parts'>,
  { unread }: Pick<SubjectReading, 'unread'>,
): Part[] {
  return [...new Set([...(reason === 'event' ? parts : []), ...unread.map(({ part }) => part)])].sort();
}

/** AWS does not know whose tags were asked for. */
function isMissingTarget({ unread }: Pick<SubjectReading, 'unread'>): boolean {
  return (
    unread.length > 0 &&
    unread.every(({ part, error }) => part === 'tags' && error instanceof AwsError && error.kind === 'not-found')
  );
}

/** New accounts appear at AWS bit by bit: with the growing wait these take about a minute. */
const triesOfMissingTags = 6;

function isNeverRead({ reason }: Pick<RefreshRequest, 'reason'>): boolean {
  return reason === 'unread' || reason === 'unconfirmed';
}

/** AWS is eventually consistent: only what an event touched is read again; a listing's finding is repeated by the next listing. */
export function confirmOrDone(request: Pick<RefreshRequest, 'reason' | 'confirmations'>, policy: ConfirmationPolicy): Settlement {
  const done = request.confirmations;
  const next = policy.confirmAfterSeconds[done];
  if (request.reason !== 'event' || next === undefined) return { outcome: 'done' };
  const sinceAsked = done === 0 ? 0 : (policy.confirmAfterSeconds[done - 1] ?? 0);
  return { outcome: 'confirm', afterSeconds: Math.max(0, next - sinceAsked), notFound: 0 };
}
