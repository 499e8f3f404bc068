import { describeAge } from './describe-age.js';
import type { GraphState } from './sql/graph-state.js';
import type { RecentSyncs } from './sql/recent-syncs.js';

export interface SyncFacts {
  now: Date;
  unwatchedBecause?: string | undefined;
  /** Why events wait unread; undefined where they do not, as far as anybody knows. */
  unreadBecause?: string | undefined;
  syncs: RecentSyncs;
  /** Seconds; 0: no schedule. */
  syncIntervalSeconds: number;
  /** The newest that anybody heard of. */
  lastEventAt?: Date | undefined;
  /** The newest change that a sync found by itself. */
  lastFoundAt?: Date | undefined;
  /** How long AWS may answer with what was. */
  staleSeconds: number;
  requests: { due: number; waiting: number; lastError?: string };
  /** Live accounts and OUs that the last complete sync did not find, apart from those that are held. */
  unlisted: number;
  graph?: GraphState | undefined;
}

export type DoubtCode =
  | 'not-watched'
  | 'events-unread'
  | 'no-complete-sync'
  | 'sync-failed'
  | 'sync-incomplete'
  | 'sync-old'
  | 'changed-since'
  | 'requests-due'
  | 'not-published'
  | 'not-applied'
  | 'dead-letters'
  | 'deletions-held'
  | 'not-listed'
  | 'no-graph';

export interface Doubt {
  code: DoubtCode;
  sentence: string;
}

export interface InSync {
  /** `proven`: the graph equals the organization as it was at `asOf`, tags as AWS's index had them. Everything that is not proven is not claimed. */
  state: 'proven' | 'unproven';
  asOf?: Date;
  sentence: string;
  doubts: Doubt[];
}

/** Without a schedule, a proof of yesterday is none. */
const longestWithoutSchedule = 24 * 60 * 60;

/** The headline has room for one: first what somebody must do something about, last what the next sync mends by itself. */
const worstFirst: readonly DoubtCode[] = [
  'not-watched',
  'events-unread',
  'sync-failed',
  'dead-letters',
  'deletions-held',
  'requests-due',
  'sync-incomplete',
  'no-complete-sync',
  'sync-old',
  'not-listed',
  'no-graph',
  'not-published',
  'not-applied',
  'changed-since',
];

/**
 * The promise, asked of what is stored: a complete sync that began later than AWS's staleness after the last change, no request due, no dead
 * letter open, and all of it in the graph. Pure, total.
 */
export function judgeSync(facts: SyncFacts): InSync {
  const doubts = doubtsAbout(facts);
  const { now, staleSeconds } = facts;
  const startedAt = facts.syncs.lastComplete?.startedAt;
  const [first, ...others] = doubts;
  if (first === undefined && startedAt !== undefined) {
    // What it read may have been as old as AWS's answers can be.
    const asOf = new Date(startedAt.getTime() - staleSeconds * 1000);
    return {
      state: 'proven',
      asOf,
      sentence: `In sync, as of ${describeAge(now, asOf)} ago, tags as AWS's index had them: a complete sync began ${describeAge(now, startedAt)} ago, AWS may answer with what was for ${staleSeconds} s, and no change is known since; no request is due and no dead letter is open.`,
      doubts,
    };
  }
  const more = others.length === 0 ? '' : others.length === 1 ? ' One more reason.' : ` ${others.length} more reasons.`;
  return {
    state: 'unproven',
    sentence: `Not proven to be in sync: ${first?.sentence ?? 'no complete sync is known'}.${more}`,
    doubts,
  };
}

function doubtsAbout(facts: SyncFacts): Doubt[] {
  const { now, syncs, requests, graph } = facts;
  const { last, lastComplete } = syncs;
  const doubts: Doubt[] = [];
  // AWS's own words bring a full stop along; the sentence that quotes the first doubt has its own.
  const doubt = (code: DoubtCode, sentence: string): void => void doubts.push({ code, sentence: sentence.replace(/\.$/, '') });

  if (facts.unwatchedBecause !== undefined) doubt('not-watched', facts.unwatchedBecause);
  if (facts.unreadBecause !== undefined) doubt('events-unread', `events wait unread: ${facts.unreadBecause}`);
  if (lastComplete === undefined) doubt('no-complete-sync', 'no full sync has been complete yet');
  if (last?.outcome === 'failed')
    doubt('sync-failed', `the last sync failed: ${last.summary.error ?? 'for no reason that was kept'}`);
  else if (last && last.outcome !== 'complete')
    doubt('sync-incomplete', `the last sync was incomplete: ${because(last.summary.incompleteBecause)}`);
  else if (last && (last.summary.problems ?? []).length > 0) {
    const unread = (last.summary.problems ?? []).map(({ read, error }) => `${read}: ${error}`);
    doubt('sync-incomplete', `the last sync could not read everything: ${because(unread)}`);
  }
  if (lastComplete !== undefined) {
    const limit = facts.syncIntervalSeconds === 0 ? longestWithoutSchedule : Math.max(2 * facts.syncIntervalSeconds, 600);
    if (now.getTime() - lastComplete.startedAt.getTime() > limit * 1000) {
      doubt('sync-old', `the last complete sync began ${describeAge(now, lastComplete.startedAt)} ago`);
    }
    const known = [facts.lastEventAt, facts.lastFoundAt].flatMap((time) => time ?? []);
    const lastChange = known.reduce<Date | undefined>((left, right) => (left && left > right ? left : right), undefined);
    if (lastChange && lastChange.getTime() + facts.staleSeconds * 1000 > lastComplete.startedAt.getTime()) {
      doubt(
        'changed-since',
        `the last known change is ${describeAge(now, lastChange)} old, and no complete sync began ${facts.staleSeconds} s or more after it (so long AWS may answer with what was)`,
      );
    }
  }
  if (facts.unlisted > 0) {
    doubt('not-listed', `accounts or OUs that live for us, and that the last complete sync did not find: ${facts.unlisted}`);
  }
  const { due, waiting } = requests;
  if (due + waiting > 0) {
    const why = requests.lastError === undefined ? '' : ` (one says: ${requests.lastError})`;
    doubt('requests-due', `refresh requests are open: ${due} due, ${waiting} waiting for their time${why}`);
  }
  if (graph === undefined) doubt('no-graph', 'there is no graph yet');
  else {
    if (graph.unpublished > 0) doubt('not-published', `observations that the bus has not acknowledged: ${graph.unpublished}`);
    if (graph.unapplied > 0) doubt('not-applied', `observations that are not in the graph yet: ${graph.unapplied}`);
    if (graph.deadLetters > 0) doubt('dead-letters', `open dead letters: ${graph.deadLetters}`);
    if (graph.heldDeletions > 0)
      doubt('deletions-held', `held deletions: ${graph.heldDeletions}, and the graph still shows what AWS did not find`);
  }
  return doubts.sort((left, right) => worstFirst.indexOf(left.code) - worstFirst.indexOf(right.code));
}

function because(reasons: readonly string[] = []): string {
  const [first, ...others] = reasons;
  return first === undefined
    ? 'for no reason that was kept'
    : `${first}${others.length > 0 ? `, and ${others.length} more` : ''}`;
}
