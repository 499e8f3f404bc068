import { inSpan } from '@orgtrail/messaging';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { recordReads, type RecordedChange } from '../observed/record-reads.js';
import { liveAmong } from '../observed/sql/live-among.js';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import {
  confirmTagsAfterSeconds,
  decideSettlement,
  isMissingTarget,
  type ConfirmationPolicy,
  type Decision,
} from './decide-settlement.js';
import type { SubjectReading } from './read-subject.js';
import type { RefreshRequest } from './sql/claim-due-requests.js';
import { settleRequests } from './sql/settle-requests.js';

export interface MergingOptions {
  pool: pg.Pool;
  integration: Integration;
  policy: ConfirmationPolicy;
  isBaseline(): boolean;
  metrics: DiscoveryMetrics;
  logger: Logger;
  /** Called after something was merged that has to be published. */
  onMerged(changes: readonly RecordedChange[]): void;
}

/** What a request was answered with; without a reading it was not tried. */
export interface AnsweredRequest {
  request: RefreshRequest;
  reading: SubjectReading | undefined;
}

interface Decided {
  request: RefreshRequest;
  reading: SubjectReading;
  decision: Decision;
}

/** Merges what was read and settles the requests: in one transaction for those whose changes count alike. */
export async function mergeReadings(options: MergingOptions, answered: readonly AnsweredRequest[]): Promise<void> {
  const { pool, integration, metrics } = options;
  const decided = await decide(options, answered);
  for (const ofEvents of [true, false]) {
    const batch = decided.filter(({ request }) => (request.reason === 'event') === ofEvents);
    if (batch.length > 0) await record(options, batch, { countUnexplained: !ofEvents });
  }
  await settleRequests(pool, integration.id, [
    ...decided.map(({ request, decision }) => ({ ...request, settlement: decision.settlement })),
    ...answered.flatMap(({ request, reading }) =>
      reading === undefined ? [{ ...request, settlement: { outcome: 'give-back' as const } }] : [],
    ),
  ]);
  for (const { request, decision } of decided) {
    metrics.refreshed(request.reason, decision.settlement.outcome);
    if (decision.settlement.outcome === 'retry') tellUnread(options.logger, request, decision.settlement);
  }
}

async function decide({ pool, integration, policy }: MergingOptions, answered: readonly AnsweredRequest[]): Promise<Decided[]> {
  const read = answered.flatMap(({ request, reading }) => (reading ? [{ request, reading }] : []));
  const inQuestion = read.filter(({ reading }) => reading.gone !== undefined || isMissingTarget(reading));
  const live = await liveAmong(
    pool,
    integration.id,
    inQuestion.map(({ request }) => request.subject),
  );
  return read.map(({ request, reading }) => ({
    request,
    reading,
    decision: decideSettlement(request, reading, { isLive: live.has(request.subject), policy }),
  }));
}

async function record(
  options: MergingOptions,
  batch: readonly Decided[],
  { countUnexplained }: { countUnexplained: boolean },
): Promise<void> {
  const { pool, integration, policy, logger } = options;
  const subjects = batch.flatMap(({ request, reading, decision }) => {
    const reads = decision.acceptGone && reading.gone ? [reading.gone] : reading.reads;
    const { subject, causes, departureAnnounced } = request;
    return reads.length === 0 ? [] : [{ subject, reads, causes, departureAnnounced }];
  });
  if (subjects.length === 0) return;
  const from = subjects.flatMap(({ causes }) => causes.map(({ traceparent }) => traceparent));
  const attributes = { 'orgtrail.integration.id': integration.id, 'orgtrail.subjects': subjects.length };
  const changes = await inSpan({ name: 'merge readings', attributes, from, detached: true }, () =>
    recordReads(pool, integration, subjects, {
      publish: 'changed',
      baseline: options.isBaseline(),
      countUnexplained,
      confirmTagsAfterSeconds: confirmTagsAfterSeconds(policy),
    }),
  );
  options.onMerged(changes);
  for (const { subject, held } of changes) {
    if (held)
      logger.warn({ subject }, 'An ending is held: too many endings that no event announced. An operator has to approve it');
  }
}

function tellUnread(
  logger: Logger,
  request: RefreshRequest,
  { parts, error }: { parts: readonly string[]; error: string },
): void {
  logger.warn(
    { subject: request.subject, parts, attempts: request.attempts + 1, error },
    'Parts of a subject could not be read and stay due',
  );
}
