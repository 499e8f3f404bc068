import { describeAge } from './describe-age.js';
import type { EventPathJudgement } from './judge-event-path.js';

export interface ArrivalFacts {
  now: Date;
  /** `none`: neither a queue nor a secret for its webhook; `not-listening`: only the secret, and no replica takes posts. */
  way: 'open' | 'none' | 'not-listening';
  /** Why nobody takes events in now; undefined while somebody does. */
  unwatchedBecause?: string | undefined;
  /** Why the events that wait are not taken in; undefined where they are, as far as anybody knows. */
  unreadBecause?: string | undefined;
  lastEventAt?: Date | undefined;
  /** When the newest that has come happened, by its own time. */
  lastHappenedAt?: Date | undefined;
  /** Changes of the last 24 h that no event announced in time. */
  missed: number;
  /** Of these, changes of the core of accounts, which members can make themselves. */
  missedOfMembers: number;
  /** When the newest of them was found. */
  lastMissedAt?: Date | undefined;
  /** Found, and younger than the window: their event may still come. */
  open: number;
  /** Endings that no event announced, and that wait for an operator: they are found changes when they end. */
  held: number;
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
  const { state, sentence } = judgeWay(facts);
  if (facts.held === 0) return { state, sentence };
  return { state, sentence: `${sentence} Not counted yet, and announced by no event: held endings, ${facts.held}.` };
}

function judgeWay(facts: ArrivalFacts): Arrival {
  const { now, lastEventAt, missed, path } = facts;
  if (facts.way === 'none') {
    return {
      state: 'no-way',
      sentence: 'No event can arrive: the integration has neither a queue nor a webhook, so changes are seen by syncs only.',
    };
  }
  if (facts.unwatchedBecause !== undefined) {
    return { state: 'unknown', sentence: `Nobody knows whether events arrive: ${facts.unwatchedBecause}.` };
  }
  if (facts.way === 'not-listening') {
    return {
      state: 'no-way',
      sentence: 'No event can arrive: the integration has a webhook only, and no replica listens for posts.',
    };
  }
  const last = lastEventAt === undefined ? 'none has ever come' : `the last came ${describeAge(now, lastEventAt)} ago`;
  const holds = path !== undefined && now.getTime() - path.judgedAt.getTime() < judgementHoldsMs ? path : undefined;
  // An event that happened after the judgement is the better witness; one that happened before may only have been late.
  const isRefuted = holds !== undefined && facts.lastHappenedAt !== undefined && facts.lastHappenedAt > holds.judgedAt;
  const broken = facts.unreadBecause ?? (holds?.state === 'broken' && !isRefuted ? holds.findings.join('; ') : undefined);
  const when = facts.lastMissedAt === undefined ? '' : `, the last ${describeAge(now, facts.lastMissedAt)} ago`;
  const unannounced = `${missed === 1 ? '1 change of the last 24 h was' : `${missed} changes of the last 24 h were`} found without an event${when}${byMembers(facts)}`;

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

/** A member's own rename is logged in the member. */
function byMembers({ missed, missedOfMembers }: ArrivalFacts): string {
  if (missedOfMembers === 0) return '';
  const some = missedOfMembers === missed ? '' : `${missedOfMembers} of them `;
  return ` (${some}of an account's own name or e-mail address, or done by the member itself, whose events stay with it)`;
}

function describePath(path: EventPathJudgement | undefined): string {
  if (path === undefined) return 'the way of the events was not judged within the last day';
  const what = path.findings.join(path.state === 'whole' ? ', ' : '; ');
  return path.state === 'whole' ? `the path is whole: ${what}` : `the way of the events cannot be judged: ${what}`;
}
