import { describe, expect, it } from '@jest/globals';
import { judgeSync, type SyncFacts } from './judge-sync.js';
import type { EndedSync } from './sql/recent-syncs.js';

const now = new Date('2026-03-01T12:00:00Z');
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
const sync = (startedAt: Date, more: Partial<EndedSync> = {}): EndedSync => ({
  version: 1n,
  kind: 'full',
  outcome: 'complete',
  startedAt,
  finishedAt: new Date(startedAt.getTime() + 60_000),
  summary: {},
  ...more,
});
const complete = sync(ago(900));
const inGraph = { unpublished: 0, unapplied: 0, deadLetters: 0, heldDeletions: 0 };
const facts = (more: Partial<SyncFacts> = {}): SyncFacts => ({
  now,
  syncs: { last: complete, lastFull: complete, lastComplete: complete, comparing: [] },
  syncIntervalSeconds: 3600,
  lastEventAt: ago(3000),
  staleSeconds: 300,
  requests: { due: 0, waiting: 0 },
  unlisted: 0,
  graph: inGraph,
  ...more,
});
const syncs = (last: EndedSync, lastComplete?: EndedSync): SyncFacts['syncs'] => ({
  last,
  ...(lastComplete ? { lastComplete } : {}),
  comparing: [],
});

describe('in sync', () => {
  it('is proven, as of the oldest answer that AWS can have given, by a complete sync after the last change, with nothing due and all of it in the graph', () => {
    expect(judgeSync(facts())).toEqual({
      state: 'proven',
      asOf: ago(1200),
      sentence:
        "In sync, as of 20 min ago, tags as AWS's index had them: a complete sync began 15 min ago, AWS may answer with what was for 300 s, and no change is known since; no request is due and no dead letter is open.",
      doubts: [],
    });
  });

  it.each<[string, Partial<SyncFacts>, string]>([
    ['no replica watches', { unwatchedBecause: 'no replica has watched it for 5 min' }, 'not-watched'],
    ['there was no sync', { syncs: { comparing: [] } }, 'no-complete-sync'],
    [
      'the last sync failed',
      { syncs: syncs(sync(ago(60), { outcome: 'failed', summary: { error: 'denied' } }), complete) },
      'sync-failed',
    ],
    [
      'the last sync was incomplete',
      {
        syncs: syncs(
          sync(ago(60), { kind: 'light', outcome: 'incomplete', summary: { incompleteBecause: ['a page was denied'] } }),
          complete,
        ),
      },
      'sync-incomplete',
    ],
    [
      'a part could not be read',
      {
        syncs: syncs(
          sync(ago(60), { summary: { problems: [{ read: 'organizations:ListHandshakesForOrganization', error: 'denied' }] } }),
          complete,
        ),
      },
      'sync-incomplete',
    ],
    ['the last complete sync is old', { syncs: syncs(sync(ago(7300)), sync(ago(7300))), lastEventAt: ago(90_000) }, 'sync-old'],
    ['an event came after it', { lastEventAt: ago(100) }, 'changed-since'],
    ['it began while AWS may still have answered with what was', { lastEventAt: ago(1199) }, 'changed-since'],
    ['a sync found a change by itself since', { lastFoundAt: ago(890) }, 'changed-since'],
    ['a request is due', { requests: { due: 1, waiting: 0 } }, 'requests-due'],
    ['a confirmation waits', { requests: { due: 0, waiting: 1 } }, 'requests-due'],
    ['an observation is not published', { graph: { ...inGraph, unpublished: 1 } }, 'not-published'],
    ['an observation is not in the graph', { graph: { ...inGraph, unapplied: 1 } }, 'not-applied'],
    ['a dead letter is open', { graph: { ...inGraph, deadLetters: 1 } }, 'dead-letters'],
    ['events wait unread', { unreadBecause: 'the queue was last read 5 min ago' }, 'events-unread'],
    ['the last complete sync did not find what lives for us', { unlisted: 5 }, 'not-listed'],
    ['deletions are held', { graph: { ...inGraph, heldDeletions: 1 } }, 'deletions-held'],
    ['there is no graph', { graph: undefined }, 'no-graph'],
  ])('is not proven when %s', (_what, more, code) => {
    const { state, doubts, sentence, asOf } = judgeSync(facts(more));
    expect(state).toBe('unproven');
    expect(doubts.map((doubt) => doubt.code)).toEqual([code]);
    expect(sentence).toBe(`Not proven to be in sync: ${doubts[0]?.sentence ?? ''}.`);
    expect(asOf).toBeUndefined();
  });

  it('without a schedule holds for a day', () => {
    const at = (seconds: number) =>
      facts({ syncIntervalSeconds: 0, lastEventAt: undefined, syncs: syncs(sync(ago(seconds)), sync(ago(seconds))) });
    expect(judgeSync(at(86_000)).state).toBe('proven');
    expect(judgeSync(at(87_000)).state).toBe('unproven');
  });

  it('names first what somebody must do something about, and last what the next sync mends', () => {
    const { sentence, doubts } = judgeSync(
      facts({
        lastEventAt: ago(100),
        requests: { due: 1, waiting: 0 },
        graph: { ...inGraph, unapplied: 1, deadLetters: 1, heldDeletions: 16 },
        syncs: syncs(sync(ago(60), { outcome: 'failed', summary: { error: 'AWS is away' } }), complete),
      }),
    );
    expect(doubts.map(({ code }) => code)).toEqual([
      'sync-failed',
      'dead-letters',
      'deletions-held',
      'requests-due',
      'not-applied',
      'changed-since',
    ]);
    expect(sentence).toMatch(/^Not proven to be in sync: the last sync failed: AWS is away\. 5 more reasons\.$/);
  });

  it('says how many more reasons there are', () => {
    expect(judgeSync(facts({ requests: { due: 1, waiting: 1, lastError: 'denied' }, graph: undefined })).sentence).toBe(
      'Not proven to be in sync: refresh requests are open: 1 due, 1 waiting for their time (one says: denied). One more reason.',
    );
  });
});
