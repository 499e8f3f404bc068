import type { AwsConnection } from '@orgtrail/aws';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { startLoop, type Loop } from '../loop.js';
import { createCallMeter } from './call-meter.js';
import { judgeEventPath } from './judge-event-path.js';
import type { DiscoveryMetrics, IntegrationFigures } from './metrics.js';
import { readProof, type Proof } from './read-proof.js';
import { addCalls } from './sql/call-counts.js';
import { keepPathJudgement, keepProof } from './sql/kept-proof.js';
import { settleMissedChanges } from './sql/settle-found-changes.js';

export interface ProofOptions {
  pool: pg.Pool;
  integration: Integration;
  aws: AwsConnection;
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
  let figures: IntegrationFigures = {};
  let isAsked = true;
  let judgedAt = -Infinity;

  const settle = async (): Promise<void> => {
    for (const { kind, count } of await settleMissedChanges(pool, integration.id, windowSeconds)) {
      isAsked = true;
      metrics.missedChanges(kind, count);
      logger.warn({ kind, count }, 'Changes were found by a sync that no event had named: events are missing');
    }
  };

  /** Resolves with what the proof says now, or with nothing for an integration that is gone. */
  const judge = async (): Promise<Proof | undefined> => {
    const stored = await selectIntegration(pool, integration.id);
    if (!stored) return undefined;
    const before = await readProof(pool, stored);
    const { lastEventAt } = before.events;
    const isSilent = !lastEventAt || Date.now() - lastEventAt.getTime() > longSilenceMs;
    const hasWay = before.events.state !== 'no-way';
    if (!hasWay || !(isAsked || isSilent) || performance.now() - judgedAt < judgedAtMostEveryMs) return before;
    isAsked = false;
    judgedAt = performance.now();
    await keepPathJudgement(pool, integration.id, await judgeEventPath(stored, aws));
    const after = await readProof(pool, stored);
    if (after.events.state === 'lost' || after.events.state === 'not-arriving')
      logger.warn({ state: after.events.state }, after.events.sentence);
    return after;
  };

  const loop = startLoop({
    name: 'proof',
    round: async () => {
      await settle();
      await addCalls(pool, integration.id, calls.take());
      await keepProof(pool, integration.id, { windowSeconds, staleSeconds });
      const proof = await judge();
      if (proof) figures = figuresFrom(proof, aws);
      return 0;
    },
    restMs: Math.min(longestRestMs, windowSeconds * 500),
    logger,
  });
  const endGauges = metrics.observe(integration.id, () => figures);
  return {
    wake: () => loop.wake(),
    onSynced: () => {
      isAsked = true;
      loop.wake();
    },
    stop: async () => {
      endGauges();
      await loop.stop();
      await addCalls(pool, integration.id, calls.take()).catch(() => undefined);
    },
  };
}

function figuresFrom({ syncs, requests, tagIndex, events }: Proof, aws: AwsConnection): IntegrationFigures {
  const [compared] = tagIndex;
  return {
    ...(syncs.last ? { lastSyncAt: syncs.last.finishedAt } : {}),
    ...(syncs.lastComplete ? { lastCompleteSyncAt: syncs.lastComplete.startedAt } : {}),
    requestsDue: requests.due,
    ...(compared ? { tagIndexDrift: compared.differing } : {}),
    arrival: events.state,
    budgetUsed: Object.fromEntries(
      aws.budget().map(({ operation, usedLast60s, allowedPerSecond }) => [operation, usedLast60s / (allowedPerSecond * 60)]),
    ),
  };
}
