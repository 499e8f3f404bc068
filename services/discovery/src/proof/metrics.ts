import { createInstruments, type Metrics } from '@orgtrail/service-runtime';
import type { Outcome } from '../intake/take-in.js';
import type { Settlement } from '../refresh/sql/settle-requests.js';
import type { SyncKind } from '../refresh/sync-kind.js';
import { createDelayBook, type DelayBook } from './delay-book.js';
import { discoveryMetrics } from './metric-declarations.js';

/** Where an event spends its time: until the queue has it, in the queue, with us. */
export type DelayPart = 'aws' | 'queue' | 'ours';

/** What an integration's gauges show at a scrape; each is left out where it is not known. */
export interface IntegrationFigures {
  lastSyncAt?: Date;
  lastCompleteSyncAt?: Date;
  requestsDue?: number;
  tagIndexDrift?: number;
  arrival?: string;
  /** Changes of the last 24 hours. */
  missedLastDay?: number;
  /** By operation. */
  budgetUsed?: Readonly<Record<string, number>>;
}

/** Discovery's figures, as `metric-declarations.ts` describes them. */
export interface DiscoveryMetrics {
  eventTakenIn(outcome: Outcome, eventName: string): void;
  eventDelayed(integrationId: string, part: DelayPart, milliseconds: number): void;
  /** Delays since the last call, to be stored. */
  takeDelays: DelayBook['take'];
  /** By the webhook. */
  postAnswered(status: number, milliseconds: number): void;
  refreshed(reason: string, outcome: Settlement['outcome']): void;
  awsCall(operation: string, outcome: string, milliseconds: number): void;
  synced(kind: SyncKind, outcome: 'complete' | 'incomplete' | 'failed', seconds: number): void;
  missedChanges(kind: string, count: number): void;
  published(count: number): void;
  memberVerified(outcome: string, cause: string): void;
  leaseTransition(transition: 'claimed' | 'released' | 'lost'): void;
  /** Shows how many integrations this replica watches. Returns what ends that. */
  observeOwned(count: () => number): () => void;
  /** Shows how many endings of each integration wait for an operator. Returns what ends that. */
  observeHeldDeletions(counts: () => readonly (readonly [integrationId: string, count: number])[]): () => void;
  /** Shows an integration's gauges from now on, by whoever reads it. Returns what ends that. */
  observe(integrationId: string, figures: () => IntegrationFigures): () => void;
}

export function createDiscoveryMetrics(meter: Metrics['meter']): DiscoveryMetrics {
  const instruments = createInstruments(meter, discoveryMetrics);
  const delays = createDelayBook();
  return {
    // Event names come from strangers: only names that our registry acted on become labels.
    eventTakenIn: (outcome, eventName) =>
      instruments.events.add(1, {
        outcome,
        event: ['hints', 'full-sync', 'repeated', 'irrelevant'].includes(outcome) ? eventName : 'other',
      }),
    eventDelayed: (integrationId, part, milliseconds) => {
      instruments.eventDelay.record(milliseconds / 1000, { part });
      delays.note(integrationId, part, milliseconds);
    },
    takeDelays: () => delays.take(),
    postAnswered: (status, milliseconds) => {
      instruments.webhookAnswers.add(1, { status: String(status) });
      instruments.webhookAnswerSeconds.record(milliseconds / 1000, { status: String(status) });
    },
    refreshed: (reason, outcome) => instruments.refreshes.add(1, { reason, outcome }),
    awsCall: (operation, outcome, milliseconds) => {
      instruments.awsCalls.add(1, { operation, outcome });
      instruments.awsCallSeconds.record(milliseconds / 1000, { operation });
    },
    synced: (kind, outcome, seconds) => {
      instruments.syncs.add(1, { kind, outcome });
      if (outcome !== 'failed') instruments.syncSeconds.record(seconds, { kind, outcome });
    },
    missedChanges: (kind, count) => instruments.missedChanges.add(count, { kind }),
    published: (count) => instruments.observationsPublished.add(count),
    memberVerified: (outcome, cause) => instruments.memberVerifications.add(1, { outcome, cause }),
    leaseTransition: (transition) => instruments.leaseTransitions.add(1, { transition }),
    observeOwned: (count) => instruments.ownedIntegrations.observe((say) => say(count())),
    observeHeldDeletions: (counts) =>
      instruments.heldDeletions.observe((say) => {
        for (const [integration, count] of counts()) say(count, { integration });
      }),
    observe: (integration, figures) => {
      const { lastSyncAge, lastCompleteSyncAge, requestsDue, tagIndexDrift, eventsArriving, missedLastDay, budgetUsed } =
        instruments;
      const age = (since: Date) => Math.max(0, (Date.now() - since.getTime()) / 1000);
      const ends = [
        lastSyncAge.observe((say) => {
          const { lastSyncAt } = figures();
          if (lastSyncAt) say(age(lastSyncAt), { integration });
        }),
        lastCompleteSyncAge.observe((say) => {
          const { lastCompleteSyncAt } = figures();
          if (lastCompleteSyncAt) say(age(lastCompleteSyncAt), { integration });
        }),
        requestsDue.observe((say) => {
          const due = figures().requestsDue;
          if (due !== undefined) say(due, { integration });
        }),
        tagIndexDrift.observe((say) => {
          const drift = figures().tagIndexDrift;
          if (drift !== undefined) say(drift, { integration });
        }),
        eventsArriving.observe((say) => {
          const { arrival } = figures();
          if (arrival !== undefined) say(1, { integration, state: arrival });
        }),
        missedLastDay.observe((say) => {
          const missed = figures().missedLastDay;
          if (missed !== undefined) say(missed, { integration });
        }),
        budgetUsed.observe((say) => {
          for (const [operation, used] of Object.entries(figures().budgetUsed ?? {})) say(used, { integration, operation });
        }),
      ];
      return () => ends.forEach((end) => end());
    },
  };
}
