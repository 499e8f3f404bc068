import { inTransaction } from '@orgtrail/database';
import type pg from 'pg';
import type { StoredIntegration } from '../integrations/integration.js';
import { syncIntervalSeconds } from '../integrations/settings.js';
import { selectEventArrival } from '../onboarding/doctor/sql/event-arrival.js';
import { countRequests } from '../refresh/sql/due-requests.js';
import { figuresOf, type DelayFigures } from './delay-histogram.js';
import { describeAge } from './describe-age.js';
import { judgeArrival, type Arrival, type ArrivalFacts } from './judge-arrival.js';
import type { EventPathJudgement } from './judge-event-path.js';
import { judgeSync, type InSync } from './judge-sync.js';
import type { DelayPart } from './metrics.js';
import { countUnlisted } from './sql/count-unlisted.js';
import { selectCalls, type CallCount } from './sql/call-counts.js';
import { selectDelays } from './sql/event-delays.js';
import { selectFoundChanges, type FoundChanges, type FoundCounts, type FoundOutcome } from './sql/found-changes.js';
import { selectGraphState } from './sql/graph-state.js';
import { selectKeptProof, type KeptProof } from './sql/kept-proof.js';
import { postsAreTaken } from './sql/posts-are-taken.js';
import { readSnapshot } from './sql/read-snapshot.js';
import { selectRecentSyncs, type EndedSync, type RecentSyncs } from './sql/recent-syncs.js';

/** Everything that is known about whether an integration misses anything. Any replica can say it: it is read from the database alone. */
export interface Proof {
  at: Date;
  inSync: InSync;
  events: Arrival & { lastEventAt?: Date; path?: EventPathJudgement & { judgedAt: Date } };
  syncs: { last?: ShownSync; lastComplete?: ShownSync };
  /** Changes that syncs found and no event had named: then `open` for the window, afterwards `missed`, unless an event explained them. */
  unannounced: Pick<FoundChanges, 'lastSync' | 'day' | 'month'> & {
    windowSeconds: number;
    /** Endings that wait for an operator: found, and counted when they end. */
    held: number;
  };
  /** Of the newest syncs that compared AWS's bulk tag index with the tags read one by one. */
  tagIndex: { at: Date; kind: EndedSync['kind']; compared: number; differing: number }[];
  /** Of the last 24 hours, in seconds; a part without events is absent. */
  delays: Partial<Record<DelayPart, DelayFigures>>;
  budget: {
    /** `share`: of what our part of AWS's published rate allows in an hour. */
    lastHour: (CallCount & { share: number })[];
    /** By operation. */
    lastFullSync?: Record<string, number>;
  };
  requests: { due: number; waiting: number; lastError?: string };
}

export interface ShownSync {
  kind: EndedSync['kind'];
  outcome: EndedSync['outcome'];
  startedAt: Date;
  finishedAt: Date;
  ageSeconds: number;
  /** Why it was not complete, or what it could not read. */
  because: string[];
}

/** The replica that watches says so every half minute. */
const longestSilenceMs = 150_000;
const defaultWindowSeconds = 900;
const defaultStaleSeconds = 300;

/** As of one moment: what is committed meanwhile would answer one question and not the other. By the database's clock, unless told otherwise. */
export async function readProof(pool: pg.Pool, stored: StoredIntegration, at?: Date): Promise<Proof> {
  const facts = await inTransaction(pool, (client) => selectFacts(client, stored.id));
  return proofFrom(stored, { ...facts, now: at ?? facts.now });
}

async function selectFacts(client: pg.PoolClient, id: string) {
  const now = await readSnapshot(client);
  const syncs = await selectRecentSyncs(client, id);
  return {
    now,
    syncs,
    kept: await selectKeptProof(client, id),
    arrival: await selectEventArrival(client, id),
    postsTaken: await postsAreTaken(client),
    found: await selectFoundChanges(client, id),
    unlisted: syncs.lastComplete ? await countUnlisted(client, id, syncs.lastComplete.version) : 0,
    requests: await countRequests(client, id),
    graph: await selectGraphState(client, id),
    delays: await selectDelays(client, id),
    calls: await selectCalls(client, id),
  };
}

function proofFrom(stored: StoredIntegration, facts: Awaited<ReturnType<typeof selectFacts>>): Proof {
  const { now, kept, arrival, found, syncs, requests, delays, calls } = facts;
  const windowSeconds = kept?.windowSeconds ?? defaultWindowSeconds;
  const { lastEventAt, lastHappenedAt } = arrival;
  const unreadBecause = whyUnread(kept, now);
  const unwatchedBecause = whyUnwatched(stored, kept, now);
  const { due, waiting, lastError } = requests;
  const held = facts.graph?.heldDeletions ?? 0;
  const shownRequests = { due, waiting, ...(lastError === undefined ? {} : { lastError }) };
  return {
    at: now,
    inSync: judgeSync({
      now,
      unwatchedBecause,
      unreadBecause,
      syncs,
      syncIntervalSeconds: syncIntervalSeconds(stored.settings) ?? 0,
      lastEventAt,
      lastFoundAt: found.lastFoundAt,
      staleSeconds: kept?.staleSeconds ?? defaultStaleSeconds,
      requests: shownRequests,
      unlisted: facts.unlisted,
      graph: facts.graph,
    }),
    events: {
      ...judgeArrival({
        now,
        way: wayOf(stored, facts.postsTaken),
        unwatchedBecause,
        unreadBecause,
        lastEventAt,
        lastHappenedAt,
        missed: countOf(found.day, 'missed'),
        missedOfMembers: found.missedOfMembers,
        lastMissedAt: found.lastMissedAt,
        open: countOf(found.day, 'open'),
        held,
        windowSeconds,
        path: kept?.path,
      }),
      ...(lastEventAt ? { lastEventAt } : {}),
      ...(kept?.path ? { path: kept.path } : {}),
    },
    syncs: shownSyncs(syncs, now),
    unannounced: { windowSeconds, held, lastSync: found.lastSync, day: found.day, month: found.month },
    tagIndex: syncs.comparing.map(({ startedAt, kind, summary }) => ({
      at: startedAt,
      kind,
      compared: summary.tagsCompared ?? 0,
      differing: summary.tagIndexDrift ?? 0,
    })),
    delays: Object.fromEntries(
      (['aws', 'queue', 'ours'] as const).flatMap((part) => {
        const figures = figuresOf(delays.filter((count) => count.part === part));
        return figures ? [[part, figures]] : [];
      }),
    ),
    budget: {
      lastHour: calls.map((count) => ({ ...count, share: count.calls / (count.allowedPerSecond * 3600) })),
      ...(syncs.lastFull?.summary.calls ? { lastFullSync: syncs.lastFull.summary.calls } : {}),
    },
    requests: shownRequests,
  };
}

function whyUnwatched({ state, condition }: StoredIntegration, kept: KeptProof | undefined, now: Date): string | undefined {
  if (state === 'paused') return 'the integration is paused';
  const silentMs = kept === undefined ? Infinity : now.getTime() - kept.keptAt.getTime();
  if (silentMs < longestSilenceMs) return undefined;
  const since = kept === undefined ? 'yet' : `for ${describeAge(now, kept.keptAt)}`;
  return `no replica has watched it ${since}${condition.code === 'FAILED' ? ` (${condition.message.replace(/\.$/, '')})` : ''}`;
}

function wayOf({ settings, webhook }: StoredIntegration, postsTaken: boolean): ArrivalFacts['way'] {
  if (settings.queueUrl !== null) return 'open';
  if (webhook === undefined) return 'none';
  return postsTaken ? 'open' : 'not-listening';
}

function whyUnread(kept: KeptProof | undefined, now: Date): string | undefined {
  const { readAt, failure } = kept?.queue ?? {};
  if (failure !== undefined) return `the queue is not taken in: ${failure.replace(/\.$/, '')}`;
  return readAt && now.getTime() - readAt.getTime() > longestSilenceMs
    ? `the queue was last read ${describeAge(now, readAt)} ago`
    : undefined;
}

function countOf(counts: FoundCounts, outcome: FoundOutcome): number {
  return Object.values(counts).reduce((sum, count) => sum + (count[outcome] ?? 0), 0);
}

function shownSyncs({ last, lastComplete }: RecentSyncs, now: Date): Proof['syncs'] {
  // Not its version: the API's JSON has no bigint.
  const shown = ({ kind, outcome, startedAt, finishedAt, summary }: EndedSync): ShownSync => ({
    kind,
    outcome,
    startedAt,
    finishedAt,
    ageSeconds: Math.round((now.getTime() - finishedAt.getTime()) / 1000),
    because: [
      ...(summary.error === undefined ? [] : [summary.error]),
      ...(summary.incompleteBecause ?? []),
      ...(summary.problems ?? []).map(({ read, error }) => `${read}: ${error}`),
    ],
  });
  return { ...(last ? { last: shown(last) } : {}), ...(lastComplete ? { lastComplete: shown(lastComplete) } : {}) };
}
