import { inSpan } from '@orgtrail/messaging';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { recordReads, type RecordedChange } from '../observed/record-reads.js';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import { confirmTagsAfterSeconds, decideSettlement, type ConfirmationPolicy } from './decide-settlement.js';
import type { SubjectReading } from './read-subject.js';
import type { RefreshRequest } from './sql/claim-due-requests.js';
import { settleRequests, type SettledRequest } from './sql/settle-requests.js';

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

interface Read {
  request: RefreshRequest;
  reading: SubjectReading;
}

/** Merges what was read and settles the requests: in one transaction those whose changes count alike. */
export async function mergeReadings(options: MergingOptions, answered: readonly AnsweredRequest[]): Promise<void> {
  const { pool, integration } = options;
  const read = answered.flatMap(({ request, reading }) => (reading ? [{ request, reading }] : []));
  for (const ofEvents of [true, false]) {
    const batch = read.filter(({ request }) => (request.reason === 'event') === ofEvents);
    if (batch.length > 0) await record(options, batch, { countUnexplained: !ofEvents });
  }
  const untried = answered.filter(({ reading }) => reading === undefined);
  await settleRequests(
    pool,
    integration.id,
    untried.map(({ request }) => ({ ...request, settlement: { outcome: 'give-back' } })),
  );
}

async function record(
  options: MergingOptions,
  batch: readonly Read[],
  { countUnexplained }: { countUnexplained: boolean },
): Promise<void> {
  const { pool, integration, policy, metrics, logger } = options;
  const subjects = batch.map(({ request: { subject, causes, foundBy, departureAnnounced, ...request }, reading }) => ({
    subject,
    causes,
    foundBy,
    departureAnnounced,
    asked: { lane: request.lane, ask: request.ask },
    isConfirmation: request.confirmations > 0,
    reads: reading.gone ? [reading.gone] : reading.reads,
    unconfirmed: !decideSettlement({ ...request, departureAnnounced }, reading, { isLive: true, policy }).acceptGone,
  }));
  let settled: (SettledRequest & RefreshRequest)[] = [];
  const from = subjects.flatMap(({ causes }) => causes.map(({ traceparent }) => traceparent));
  const attributes = { 'orgtrail.integration.id': integration.id, 'orgtrail.subjects': subjects.length };
  const changes = await inSpan({ name: 'merge readings', attributes, from, detached: true }, () =>
    recordReads(pool, integration, subjects, {
      publish: 'changed',
      baseline: options.isBaseline(),
      countUnexplained,
      confirmTagsAfterSeconds: confirmTagsAfterSeconds(policy),
      settle: async (client, lived) => {
        settled = batch.map(({ request, reading }) => {
          const { settlement } = decideSettlement(request, reading, { isLive: lived.has(request.subject), policy });
          return { ...request, settlement };
        });
        await settleRequests(client, integration.id, settled);
      },
    }),
  );
  for (const { settlement, ...request } of settled) {
    metrics.refreshed(request.reason, settlement.outcome);
    if (settlement.outcome === 'retry') tellUnread(logger, request, settlement);
  }
  options.onMerged(changes);
  for (const { subject, held } of changes) {
    if (held)
      logger.warn({ subject }, 'An ending is held: too many endings that no event announced. An operator has to approve it');
  }
}

function tellUnread(
  logger: Logger,
  request: Pick<RefreshRequest, 'subject' | 'attempts'>,
  { parts, error }: { parts: readonly string[]; error: string },
): void {
  logger.warn(
    { subject: request.subject, parts, attempts: request.attempts + 1, error },
    'Parts of a subject could not be read and stay due',
  );
}
