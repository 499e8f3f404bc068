import type { AwsConnection } from '@orgtrail/aws';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration, StoredIntegration } from '../integrations/integration.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { startLoop, type Loop } from '@orgtrail/service-runtime';
import { untilAborted } from '../until-aborted.js';
import { createCallMeter } from './call-meter.js';
import { createFreshFigures } from './fresh-figures.js';
import { judgeEventPath } from './judge-event-path.js';
import type { DiscoveryMetrics, IntegrationFigures } from './metrics.js';
import type { QueueHealth } from './queue-health.js';
import { readProof, type Proof } from './read-proof.js';
import { addCalls } from './sql/call-counts.js';
import { keepPathJudgement, keepProof } from './sql/kept-proof.js';
import { settleMissedChanges } from './sql/settle-found-changes.js';

export interface ProofOptions {
  pool: pg.Pool;
  integration: Integration;
  aws: AwsConnection;
  /** Absent: this watch reads no queue. */
  queueHealth?: QueueHealth;
  metrics: DiscoveryMetrics;
  logger: Logger;
  /** How long an event may be late before a found change counts as missed. */
  missedChangeWindowSeconds: number;
  /** How long AWS may answer with what was. */
  staleSeconds: number;
}

/** Beside the rounds: a sync has ended. */
export interface ProofLoop extends Loop {
  onSynced(): void;
}

const longestRestMs = 30_000;
/** Nobody reads the way of the events more often, whatever happens. */
const judgedAtMostEveryMs = 10 * 60 * 1000;
/** So long without an event, and the way is looked at again. */
const longSilenceMs = 60 * 60 * 1000;

/**
 * Keeps what `readProof` tells: settles what syncs found (a change that no event named within the window was missed), stores what was called of
 * AWS, judges the way of the events after each full sync and when no event came for long or a change was missed, and shows the gauges.
 */
export function startProof(options: ProofOptions): ProofLoop {
  const { pool, integration, aws, metrics, logger, missedChangeWindowSeconds: windowSeconds, staleSeconds } = options;
  const calls = createCallMeter(aws);
  const figures = createFreshFigures();
  let isAsked = true;
  let judgedAt = -Infinity;
  let judging: Promise<void> | undefined;

  const settle = async (): Promise<void> => {
    for (const { kind, count } of await settleMissedChanges(pool, integration.id, windowSeconds)) {
      isAsked = true;
      metrics.missedChanges(kind, count);
      logger.warn({ kind, count }, 'Changes were found by a sync that no event had named: events are missing');
    }
  };

  const shouldJudge = ({ events: { state, lastEventAt } }: Proof): boolean => {
    const isSilent = !lastEventAt || Date.now() - lastEventAt.getTime() > longSilenceMs;
    const hasWay = state !== 'no-way';
    return hasWay && (isAsked || isSilent) && performance.now() - judgedAt >= judgedAtMostEveryMs;
  };
  /** Beside the rounds, since AWS may not answer for long, and nobody waits for it at the stop. Never rejects. */
  const judge = async (stored: StoredIntegration, signal: AbortSignal): Promise<void> => {
    isAsked = false;
    judgedAt = performance.now();
    try {
      await keepPathJudgement(pool, integration.id, await untilAborted(judgeEventPath(stored, aws), signal));
      const { events } = await readProof(pool, stored);
      if (events.state === 'lost' || events.state === 'not-arriving') logger.warn({ state: events.state }, events.sentence);
      loop.wake();
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, 'The way of the events was not judged');
    }
  };

  const loop = startLoop({
    name: 'proof',
    round: async (signal) => {
      await settle();
      await addCalls(pool, integration.id, calls.take());
      await keepProof(pool, integration.id, { windowSeconds, staleSeconds, queue: options.queueHealth?.told() });
      const stored = await selectIntegration(pool, integration.id);
      if (!stored) return 0;
      const proof = await readProof(pool, stored);
      figures.keep(figuresFrom(proof, aws));
      if (judging === undefined && !signal.aborted && shouldJudge(proof))
        judging = judge(stored, signal).finally(() => (judging = undefined));
      return 0;
    },
    restMs: Math.min(longestRestMs, windowSeconds * 500),
    logger,
  });
  const endGauges = metrics.observe(integration.id, () => figures.shown());
  return {
    wake: () => loop.wake(),
    onSynced: () => {
      isAsked = true;
      loop.wake();
    },
    stop: async () => {
      endGauges();
      await loop.stop();
      await judging;
      await addCalls(pool, integration.id, calls.take()).catch(() => undefined);
    },
  };
}

function figuresFrom({ syncs, requests, tagIndex, events, unannounced }: Proof, aws: AwsConnection): IntegrationFigures {
  const [compared] = tagIndex;
  return {
    ...(syncs.last ? { lastSyncAt: syncs.last.finishedAt } : {}),
    ...(syncs.lastComplete ? { lastCompleteSyncAt: syncs.lastComplete.startedAt } : {}),
    requestsDue: requests.due,
    ...(compared ? { tagIndexDrift: compared.differing } : {}),
    arrival: events.state,
    missedLastDay: Object.values(unannounced.day).reduce((sum, { missed = 0 }) => sum + missed, 0),
    budgetUsed: Object.fromEntries(
      aws.budget().map(({ operation, usedLast60s, allowedPerSecond }) => [operation, usedLast60s / (allowedPerSecond * 60)]),
    ),
  };
}
