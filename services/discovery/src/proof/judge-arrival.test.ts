import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeArrival, type ArrivalFacts } from './judge-arrival.js';

const now = new Date('2026-03-01T12:00:00Z');
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
const whole = {
  state: 'whole' as const,
  findings: ['the rule is enabled in us-east-1', 'our queue is its target'],
  judgedAt: ago(600),
};
const broken = { state: 'broken' as const, findings: ['the rule that sends events: it is disabled'], judgedAt: ago(600) };
const unjudged = { state: 'unknown' as const, findings: ['events.trail: denied'], judgedAt: ago(600) };
const facts = (more: Partial<ArrivalFacts>): ArrivalFacts => ({
  now,
  way: 'open',
  missed: 0,
  missedOfMembers: 0,
  open: 0,
  held: 0,
  windowSeconds: 900,
  ...more,
});

describe('whether events arrive', () => {
  it.each<[string, Partial<ArrivalFacts>, string, string]>([
    ['a new event', { lastEventAt: ago(12) }, 'arriving', 'Events arrive: the last came 12 s ago.'],
    [
      'a new event and found changes that may still be announced',
      { lastEventAt: ago(12), open: 3 },
      'arriving',
      'Events arrive: the last came 12 s ago. 3 found changes are younger than 15 min and may still be announced.',
    ],
    [
      'a new event, and endings that none announced and that are held',
      { lastEventAt: ago(12), held: 16 },
      'arriving',
      'Events arrive: the last came 12 s ago. Not counted yet, and announced by no event: held endings, 16.',
    ],
    [
      'silence on a whole path',
      { lastEventAt: ago(3 * 3600), path: whole },
      'quiet',
      'No event for 3 h; the path is whole: the rule is enabled in us-east-1, our queue is its target; nothing may have changed.',
    ],
    [
      'no event ever on a whole path',
      { path: whole },
      'quiet',
      'No event has come yet; the path is whole: the rule is enabled in us-east-1, our queue is its target; nothing may have changed.',
    ],
    [
      'a broken path',
      { lastEventAt: ago(7200), path: broken },
      'not-arriving',
      'Events do not arrive: the rule that sends events: it is disabled (the last came 2 h ago).',
    ],
    [
      'a broken path, and changes without events',
      { path: broken, missed: 2 },
      'not-arriving',
      'Events do not arrive: the rule that sends events: it is disabled (none has ever come; 2 changes of the last 24 h were found without an event).',
    ],
    [
      'a path that was broken before the last event happened',
      { lastEventAt: ago(12), lastHappenedAt: ago(15), path: broken },
      'arriving',
      'Events arrive: the last came 12 s ago.',
    ],
    [
      'a broken path on which an old event came late',
      { lastEventAt: ago(12), lastHappenedAt: ago(700), path: broken },
      'not-arriving',
      'Events do not arrive: the rule that sends events: it is disabled (the last came 12 s ago).',
    ],
    [
      'a queue that nobody can read, however whole its path',
      { lastEventAt: ago(300), lastHappenedAt: ago(320), path: whole, unreadBecause: 'the queue is not taken in: denied' },
      'not-arriving',
      'Events do not arrive: the queue is not taken in: denied (the last came 5 min ago).',
    ],
    [
      'changes that a member may have made itself',
      { lastEventAt: ago(12), missed: 2, missedOfMembers: 1, path: unjudged },
      'lost',
      "Events are lost: 2 changes of the last 24 h were found without an event (1 of them of an account's own name or e-mail address, or done by the member itself, whose events stay with it), while the way of the events cannot be judged: events.trail: denied (the last came 12 s ago).",
    ],
    [
      'changes without events on a whole path',
      { lastEventAt: ago(12), missed: 1, lastMissedAt: ago(1800), path: whole },
      'lost',
      'Events are lost: 1 change of the last 24 h was found without an event, the last 30 min ago, while the path is whole: the rule is enabled in us-east-1, our queue is its target (the last came 12 s ago).',
    ],
    [
      'changes without events on a path that cannot be judged',
      { missed: 4, path: unjudged },
      'lost',
      'Events are lost: 4 changes of the last 24 h were found without an event, while the way of the events cannot be judged: events.trail: denied (none has ever come).',
    ],
    [
      'silence on a path that cannot be judged',
      { lastEventAt: ago(7200), path: unjudged },
      'unknown',
      'No event for 2 h, and nobody knows why: the way of the events cannot be judged: events.trail: denied.',
    ],
    [
      'silence on a path that was judged long ago',
      { lastEventAt: ago(7200), path: { ...whole, judgedAt: ago(25 * 3600) } },
      'unknown',
      'No event for 2 h, and nobody knows why: the way of the events was not judged within the last day.',
    ],
    [
      'nobody who watches',
      { lastEventAt: ago(12), unwatchedBecause: 'the integration is paused' },
      'unknown',
      'Nobody knows whether events arrive: the integration is paused.',
    ],
    [
      'no way',
      { way: 'none' },
      'no-way',
      'No event can arrive: the integration has neither a queue nor a webhook, so changes are seen by syncs only.',
    ],
    [
      'a webhook for whose posts nobody listens',
      { way: 'not-listening', lastEventAt: ago(12) },
      'no-way',
      'No event can arrive: the integration has a webhook only, and no replica listens for posts.',
    ],
  ])('%s', (_what, more, state, sentence) => {
    expect(judgeArrival(facts(more))).toEqual({ state, sentence });
  });

  it('is never said while a change of the last day had no event, nobody watches, or neither an event nor the path speaks for it', () => {
    const date = fc.option(fc.integer({ min: 0, max: 200_000 }).map(ago), { nil: undefined });
    const path = fc.option(
      fc.record({
        state: fc.constantFrom('whole', 'broken', 'unknown'),
        findings: fc.constant(['x']),
        judgedAt: fc.integer({ min: 0, max: 200_000 }).map(ago),
      }),
      { nil: undefined },
    );
    fc.assert(
      fc.property(
        fc.record({
          way: fc.constantFrom('open', 'none', 'not-listening'),
          missed: fc.nat(2),
          open: fc.nat(2),
          lastEventAt: date,
          path,
          unwatchedBecause: fc.option(fc.constant('so'), { nil: undefined }),
          unreadBecause: fc.option(fc.constant('so'), { nil: undefined }),
        }),
        (given) => {
          const { state } = judgeArrival(facts(given));
          if (state === 'arriving' || state === 'quiet') {
            expect(given).toMatchObject({ way: 'open', missed: 0, unwatchedBecause: undefined, unreadBecause: undefined });
            expect(given.lastEventAt !== undefined || given.path?.state === 'whole').toBe(true);
          }
        },
      ),
    );
  });
});
