import type pg from 'pg';
import type { OrganizationReader } from '@orgtrail/aws';
import { inSpan } from '@orgtrail/messaging';
import type { Logger } from '@orgtrail/service-runtime';
import type { Integration } from '../integrations/integration.js';
import { recordReads, type RecordedChange } from '../observed/record-reads.js';
import { ancestorsOf } from '../observed/sql/ancestors-of.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { liveAmong } from '../observed/sql/live-among.js';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import { confirmTagsAfterSeconds, decideSettlement, type ConfirmationPolicy } from './decide-settlement.js';
import { readSubject, type ReadContext } from './read-subject.js';
import { claimDueRequests, type RefreshRequest } from './sql/claim-due-requests.js';
import { settleRequest } from './sql/settle-requests.js';
import { parseSubjectKey } from '../subjects.js';

export interface RefreshWorkerOptions {
  pool: pg.Pool;
  integration: Integration;
  /** A reader whose calls wait behind those of more urgent priorities. */
  reader(priority: 'event' | 'confirmation' | 'background'): OrganizationReader;
  policy: ConfirmationPolicy;
  isBaseline(): boolean;
  metrics: DiscoveryMetrics;
  logger: Logger;
  /** Called after something was merged that has to be published. */
  onMerged(changes: readonly RecordedChange[]): void;
}

const claimSize = 16;
/** Longer than the slowest read with its retries; when a worker dies, its requests wait this long at most. */
const claimLeaseSeconds = 60;

/** Reads due requests once. Resolves to the number of requests that were worked on; 0 means that nothing is due. */
export async function refreshDue(options: RefreshWorkerOptions): Promise<number> {
  const { pool, integration } = options;
  const requests = await claimDueRequests(pool, integration.id, { limit: claimSize, leaseSeconds: claimLeaseSeconds });
  await Promise.all(requests.map((request) => tracedRefresh(request, options)));
  return requests.length;
}

function tracedRefresh(request: RefreshRequest, options: RefreshWorkerOptions): Promise<void> {
  const { kind } = parseSubjectKey(request.subject);
  const attributes = {
    'orgtrail.integration.id': options.integration.id,
    'orgtrail.subject.kind': kind,
    'orgtrail.refresh.reason': request.reason,
  };
  const from = request.causes.map(({ traceparent }) => traceparent);
  return inSpan({ name: `refresh ${kind}`, attributes, from }, () => refresh(request, options));
}

async function refresh(request: RefreshRequest, options: RefreshWorkerOptions): Promise<void> {
  const { pool, integration, policy, metrics, logger } = options;
  const context: ReadContext = {
    reader: options.reader(priorityOf(request)),
    // Drawn after the claim was committed (invariant 6): an asking that comes later gets a read that begins later.
    draw: () => drawVersion(pool, integration.id),
    ancestorsOf: (parentId) => ancestorsOf(pool, integration.id, parentId),
    organizationId: integration.organizationId,
  };
  const reading = await readSubject(context, request.subject, request.parts);
  const isLive = reading.gone ? (await liveAmong(pool, integration.id, [request.subject])).has(request.subject) : true;
  const { acceptGone, settlement } = decideSettlement(request, reading, { isLive, policy });

  const reads = acceptGone && reading.gone ? [reading.gone] : reading.reads;
  if (reads.length > 0) {
    const changes = await recordReads(
      pool,
      integration,
      [{ subject: request.subject, reads, causes: request.causes, departureAnnounced: request.departureAnnounced }],
      {
        publish: 'changed',
        baseline: options.isBaseline(),
        countUnexplained: request.reason !== 'event',
        confirmTagsAfterSeconds: confirmTagsAfterSeconds(policy),
      },
    );
    options.onMerged(changes);
    for (const { held } of changes) {
      if (held)
        logger.warn(
          { subject: request.subject },
          'An ending is held: too many endings that no event announced. An operator has to approve it',
        );
    }
  }
  await settleRequest(pool, { integrationId: integration.id, subject: request.subject, ask: request.ask }, settlement);
  metrics.refreshed(request.reason, settlement.outcome);
  if (settlement.outcome === 'retry') {
    logger.warn(
      { subject: request.subject, parts: settlement.parts, attempts: request.attempts + 1, error: settlement.error },
      'Parts of a subject could not be read and stay due',
    );
  }
}

function priorityOf({ reason, confirmations }: RefreshRequest): 'event' | 'confirmation' | 'background' {
  if (reason === 'event' || reason === 'operator') return confirmations === 0 ? 'event' : 'confirmation';
  return reason === 'nominated' ? 'confirmation' : 'background';
}
