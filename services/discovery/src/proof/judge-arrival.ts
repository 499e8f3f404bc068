import { describeAge } from './describe-age.js';
import type { EventPathJudgement } from './judge-event-path.js';

export interface ArrivalFacts {
  now: Date;
  /** It has a queue, or a secret for its webhook. */
  hasWay: boolean;
  /** Why nobody takes events in now; undefined while somebody does. */
  unwatchedBecause?: string | undefined;
  lastEventAt?: Date | undefined;
  /** Changes of the last 24 h that no event announced in time. */
  missed: number;
  /** When the newest of them was found. */
  lastMissedAt?: Date | undefined;
  /** Found, and younger than the window: their event may still come. */
  open: number;
  windowSeconds: number;
  path?: (EventPathJudgement & { judgedAt: Date }) | undefined;
}

export type ArrivalState = 'arriving' | 'quiet' | 'lost' | 'not-arriving' | 'no-way' | 'unknown';

export interface Arrival {
  state: ArrivalState;
  /** One, for people. */
  sentence: string;
}

/** So long after an event nobody asks whether they arrive. */
const freshMs = 60 * 60 * 1000;
/** What was judged longer ago may have changed since. */
const judgementHoldsMs = 24 * 60 * 60 * 1000;

/** Whether events arrive, and if not why. Pure, total; says `unknown` wherever it does not know. */
export function judgeArrival(facts: ArrivalFacts): Arrival {
  const { now, lastEventAt, missed, path } = facts;
  if (!facts.hasWay) {
    return {
      state: 'no-way',
      sentence: 'No event can arrive: the integration has neither a queue nor a webhook, so changes are seen by syncs only.',
    };
  }
  if (facts.unwatchedBecause !== undefined) {
    return { state: 'unknown', sentence: `Nobody knows whether events arrive: ${facts.unwatchedBecause}.` };
  }
  const last = lastEventAt === undefined ? 'none has ever come' : `the last came ${describeAge(now, lastEventAt)} ago`;
  const holds = path !== undefined && now.getTime() - path.judgedAt.getTime() < judgementHoldsMs ? path : undefined;
  // An event that came after the judgement is the better witness.
  const broken =
    holds?.state === 'broken' && !(lastEventAt && lastEventAt > holds.judgedAt) ? holds.findings.join('; ') : undefined;
  const when = facts.lastMissedAt === undefined ? '' : `, the last ${describeAge(now, facts.lastMissedAt)} ago`;
  const unannounced = `${missed === 1 ? '1 change of the last 24 h was' : `${missed} changes of the last 24 h were`} found without an event${when}`;

  if (broken !== undefined) {
    return {
      state: 'not-arriving',
      sentence: `Events do not arrive: ${broken} (${last}${missed > 0 ? `; ${unannounced}` : ''}).`,
    };
  }
  if (missed > 0) {
    return {
      state: 'lost',
      sentence: `Events are lost: ${unannounced}, while ${describePath(holds)} (${last}).`,
    };
  }
  const open =
    facts.open === 0
      ? ''
      : ` ${facts.open} found changes are younger than ${Math.round(facts.windowSeconds / 60)} min and may still be announced.`;
  if (lastEventAt && now.getTime() - lastEventAt.getTime() < freshMs) {
    return { state: 'arriving', sentence: `Events arrive: the last came ${describeAge(now, lastEventAt)} ago.${open}` };
  }
  const silence = lastEventAt === undefined ? 'No event has come yet' : `No event for ${describeAge(now, lastEventAt)}`;
  if (holds?.state === 'whole') {
    return { state: 'quiet', sentence: `${silence}; ${describePath(holds)}; nothing may have changed.${open}` };
  }
  return { state: 'unknown', sentence: `${silence}, and nobody knows why: ${describePath(holds)}.${open}` };
}

function describePath(path: EventPathJudgement | undefined): string {
  if (path === undefined) return 'the way of the events was not judged within the last day';
  const what = path.findings.join(path.state === 'whole' ? ', ' : '; ');
  return path.state === 'whole' ? `the path is whole: ${what}` : `the way of the events cannot be judged: ${what}`;
}
