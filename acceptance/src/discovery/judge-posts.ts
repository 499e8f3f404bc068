import type { Report } from '../report.js';
import type { SenderOrders, SenderResult } from './event-sender.js';

/** EventBridge waits for so long. */
const longestAnswerSeconds = 5;
/** A sender that is later than that has not sent at the rate. */
const latestSeconds = 2;
/** Of the posts, in percent: a webhook that puts all of them off keeps none. */
const leastKept = 90;

/** Whether a webhook that was posted to at a rate has answered each in time, and kept most. */
export function judgePosts(
  report: Report,
  { answers, milliseconds, latestMs }: SenderResult,
  { perSecond, seconds }: Pick<SenderOrders, 'perSecond' | 'seconds'>,
): void {
  const sent = perSecond * seconds;
  const { 202: kept = 0, 503: putOff = 0 } = answers;
  report.atMost(`${perSecond} posts/s of 1 KB for ${seconds} s: neither 202 nor 503`, sent - kept - putOff, 0, 'posts');
  report.atLeast('of these answered with 202', (100 * kept) / sent, leastKept, '%');
  report.atMost(
    `slowest answer of ${sent}, from when its post was due`,
    (milliseconds.at(-1) ?? Infinity) / 1000,
    longestAnswerSeconds,
    's',
  );
  report.atMost('the latest post was sent after it was due', latestMs / 1000, latestSeconds, 's');
}
