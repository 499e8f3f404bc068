import { expect, it } from '@jest/globals';
import { proof, type ProofShape } from '../api/proof-shapes.js';
import { formatProof } from './proof-report.js';

const empty: ProofShape = proof.parse({
  integration: { id: 'one', name: '' },
  inSync: { state: 'unproven', sentence: 'Not proven to be in sync: no full sync has been complete yet.', doubts: [] },
  events: { state: 'no-way', sentence: 'No event can arrive.' },
  syncs: {},
  unannounced: { windowSeconds: 900, held: 0, lastSync: {}, day: {}, month: {} },
  tagIndex: [],
  delays: {},
  budget: { lastHour: [] },
});

it('the report begins with the two sentences, and has every figure behind them', () => {
  const shown: ProofShape = {
    ...empty,
    integration: { id: 'one', name: 'Production', organizationId: 'o-example' },
    inSync: {
      state: 'unproven',
      sentence: 'Not proven to be in sync: open dead letters: 1. One more reason.',
      doubts: [
        { code: 'dead-letters', sentence: 'open dead letters: 1' },
        { code: 'deletions-held', sentence: 'held deletions: 2' },
      ],
    },
    events: { state: 'arriving', sentence: 'Events arrive: the last came 12 s ago.' },
    syncs: {
      last: {
        kind: 'light',
        outcome: 'incomplete',
        startedAt: '',
        finishedAt: '',
        ageSeconds: 90,
        because: ['a page was denied'],
      },
      lastComplete: { kind: 'full', outcome: 'complete', startedAt: '', finishedAt: '', ageSeconds: 7300, because: [] },
    },
    unannounced: {
      windowSeconds: 900,
      held: 2,
      lastSync: { created: { open: 3 } },
      day: { created: { open: 3, missed: 1 } },
      month: { created: { open: 3, missed: 4 }, 'updated-core': { unannounceable: 1 }, 'updated-tags': { explained: 2 } },
    },
    tagIndex: [{ at: '', kind: 'full', compared: 60, differing: 2 }],
    delays: { aws: { events: 7, p50: 2, p95: 11.7, max: 40 }, ours: { events: 7, p50: 0.24, p95: 0.4, max: 0.5 } },
    budget: {
      lastHour: [
        { operation: 'ListAccounts', calls: 50, throttled: 1, share: 0.0035 },
        { operation: 'ListRoots', calls: 1, throttled: 0, share: 0.00056 },
      ],
      lastFullSync: { ListAccounts: 50, ListRoots: 1 },
    },
  };
  expect(formatProof(shown).split('\n')).toEqual([
    'Integration Production (o-example)',
    '',
    'Not proven to be in sync: open dead letters: 1. One more reason.',
    '  - held deletions: 2',
    'Events arrive: the last came 12 s ago.',
    '',
    'Syncs: the last one (light) ended 90 s ago, incomplete: a page was denied; the last complete full one ended 2 h ago.',
    '',
    'Changes that syncs found before any event named them:',
    'kind          event                                last sync  24 h  30 d',
    '------------  -----------------------------------  ---------  ----  ----',
    'created       none came: missed                    0          1     4',
    'created       may still come: younger than 15 min  3          3     3',
    'updated-core  AWS announces none                   0          0     1',
    'updated-tags  came late                            0          0     2',
    'Not counted yet, and announced by no event: held endings, 2 (`orgtrail held-deletions`).',
    '',
    'Bulk tag index: in the last sync that compared it, 2 of 60 subjects differed from tags read one by one.',
    '',
    'Delay of events, 24 h:',
    'part                             half   95 %   longest  events',
    '-------------------------------  -----  -----  -------  ------',
    'AWS: what happened to the queue  2.0 s  12 s   40 s     7',
    'ours: taken in to published      0.2 s  0.4 s  0.5 s    7',
    '',
    'The last full sync took 51 calls of AWS.',
    'Calls of AWS in the last hour:',
    'operation     calls  of our share  throttled',
    '------------  -----  ------------  ---------',
    'ListAccounts  50     0.4 %         1',
    'ListRoots     1      < 0.1 %       0',
  ]);
});

it('the report of an integration about which nothing is known claims nothing', () => {
  expect(formatProof(empty).split('\n')).toEqual([
    'Integration one',
    '',
    'Not proven to be in sync: no full sync has been complete yet.',
    'No event can arrive.',
    '',
    'Syncs: none has ended yet.',
    '',
    'Changes that no event announced: none in 30 days.',
    '',
    'Delay of events: none was timed in 24 h (figures come every half minute).',
    '',
    'AWS was not called in the last hour.',
  ]);
});

it('the report cannot be forged by what AWS says', () => {
  const shown = formatProof({ ...empty, events: { state: 'unknown', sentence: 'denied\u001b[2K\nIn sync' } });
  expect(shown).not.toContain('\u001b');
  expect(shown).not.toContain('\nIn sync');
});
