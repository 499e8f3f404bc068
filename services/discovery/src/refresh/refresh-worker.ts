import type { OrganizationReader, Priority } from '@orgtrail/aws';
import { inSpan } from '@orgtrail/messaging';
import { ancestorsOf } from '../observed/sql/ancestors-of.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import type { Version } from '../observed/subject-state.js';
import { parseSubjectKey } from '../subjects.js';
import { createCapacity } from './capacity.js';
import { createMergeQueue } from './merge-queue.js';
import { mergeReadings, type MergingOptions } from './merge-readings.js';
import { listedKindOf, readList, type ListedKind } from './read-list.js';
import { readSubject, type SubjectReading } from './read-subject.js';
import { createSessionProof } from './session-proof.js';
import { claimDueRequests, renewClaims, type RefreshRequest } from './sql/claim-due-requests.js';
import { createSwarms } from './swarms.js';
import { createWalks } from './walks.js';

export interface RefreshWorkerOptions extends MergingOptions {
  /** A reader whose calls wait behind those of more urgent priorities, and give up with the signal. */
  reader(priority: Priority, signal: AbortSignal): OrganizationReader;
  /** What the limiter lets through. */
  callsPerSecond(operation: string): number;
  /** There is room for more work, or something went wrong: the next round should come soon. */
  onRoom(): void;
}

/** Keeps reading what is due, as many at once as keep every operation's budget in use. */
export interface RefreshWorker {
  /** Begins to read what is due and has room. Resolves to how many were begun; rejects with what went wrong since the last round. */
  round(): Promise<number>;
  /** Ends calls that wait for their turn; resolves when those under way are merged. */
  stop(): Promise<void>;
}

/** When a worker dies, its requests wait this long at most. Renewed while they are read. */
const leaseSeconds = 30;
const renewalMs = 10_000;
/** AWS has no larger organizations. */
const mostInWalk = 100_000;

export function createRefreshWorker(options: RefreshWorkerOptions): RefreshWorker {
  const { pool, integration, logger } = options;
  const stopping = new AbortController();
  const capacity = createCapacity();
  const claimed = new Set<RefreshRequest>();
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const proveSession = createSessionProof({
    organizationId: integration.organizationId,
    describeOrganization: () => options.reader('event', stopping.signal).describeOrganization(),
    validMs: (options.policy.confirmNotFoundAfterSeconds * 1000) / 2,
    now: () => performance.now(),
  });
  const merging = createMergeQueue({ merge: (answered) => mergeReadings(options, answered), logger });

  /** What waited for its turn when the worker was stopped was not tried. What cannot be merged is read again when its claim runs out. */
  const merge = async (request: RefreshRequest, reading: SubjectReading | undefined): Promise<void> => {
    const wasTried = reading !== undefined && !(stopping.signal.aborted && reading.unread.length > 0);
    await merging
      .add({ request, reading: wasTried ? reading : undefined })
      .catch((error: unknown) => void failures.push(error))
      .finally(() => claimed.delete(request));
  };
  const answer = async (request: RefreshRequest, reading: SubjectReading): Promise<void> => {
    await merge(request, reading);
    capacity.giveBack(request);
    options.onRoom();
  };
  const begin = (work: Promise<void>): void => {
    const watched: Promise<void> = work
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(watched));
    underWay.add(watched);
  };

  const readAlone = (request: RefreshRequest, version: Version): Promise<void> =>
    inSpan(spanOf([request], integration.id), async () => {
      const reading = await readSubject(
        {
          reader: options.reader(request.urgency, stopping.signal),
          version,
          ancestorsOf: (parentId) => ancestorsOf(pool, integration.id, parentId),
          organizationId: integration.organizationId,
          proveSession,
        },
        request.subject,
        request.parts,
      );
      await answer(request, reading);
    });
  const readByList = (kind: ListedKind, requests: readonly RefreshRequest[], version: Version): Promise<void> =>
    inSpan(spanOf(requests, integration.id), async () => {
      const answers: Promise<void>[] = [];
      await readList(kind, {
        reader: options.reader(mostUrgent(requests), stopping.signal),
        version,
        subjects: [...new Set(requests.map(({ subject }) => subject))],
        proveSession,
        answer: (subject, reading) => {
          for (const request of requests) if (request.subject === subject) answers.push(answer(request, reading));
        },
      });
      await Promise.all(answers);
    });
  const walks = createWalks({
    ...options,
    claim: async (lane, of) => {
      const wanted = of.map((urgency) => ({ lane, urgency, most: mostInWalk }));
      const requests = await claimDueRequests(pool, integration.id, { wanted, leaseSeconds });
      for (const request of requests) claimed.add(request);
      return requests;
    },
    answer: merge,
    signal: stopping.signal,
  });

  const swarms = createSwarms({
    pool,
    integrationId: integration.id,
    callsPerSecond: (operation) => options.callsPerSecond(operation),
    now: () => performance.now(),
  });

  const renewal = setInterval(() => {
    void renewClaims(pool, integration.id, [...claimed], leaseSeconds).catch((error: unknown) =>
      logger.warn({ err: error }, 'Claims on refresh requests could not be renewed'),
    );
  }, renewalMs);
  renewal.unref();

  return {
    round: async () => {
      if (stopping.signal.aborted) return 0;
      if (failures.length > 0) throw failures.splice(0)[0];
      const crowded = capacity.crowded();
      await swarms.look(crowded);
      for (const walk of await walks.whenCheaper(crowded.filter((lane) => swarms.heldSince(lane) === undefined))) begin(walk());
      const wanted = capacity.wanted().map((one) => ({
        ...one,
        askedAfter: walks.coveredUntil(one.lane),
        askedBefore: one.urgency === 'event' ? swarms.heldSince(one.lane) : undefined,
      }));
      const requests = await claimDueRequests(pool, integration.id, { wanted, leaseSeconds });
      capacity.take(requests);
      if (requests.length === 0) return 0;
      for (const request of requests) claimed.add(request);
      // Drawn after the claims were committed (invariant 6): an asking that comes later gets a read that begins later.
      const version = await drawVersion(pool, integration.id);
      const byList = new Map<ListedKind, RefreshRequest[]>();
      for (const request of requests) {
        const kind = request.lane === 'tags' ? undefined : listedKindOf(request.subject);
        if (kind === undefined) begin(readAlone(request, version));
        else byList.set(kind, [...(byList.get(kind) ?? []), request]);
      }
      for (const [kind, ofKind] of byList) begin(readByList(kind, ofKind, version));
      return requests.length;
    },
    stop: async () => {
      stopping.abort(new Error('The worker was stopped.'));
      while (underWay.size > 0) await Promise.all(underWay);
      clearInterval(renewal);
    },
  };
}

const mostUrgent = (requests: readonly RefreshRequest[]): RefreshRequest['urgency'] =>
  (['event', 'confirmation', 'background'] as const).find((urgency) => requests.some((one) => one.urgency === urgency)) ??
  'background';

function spanOf(requests: readonly RefreshRequest[], integrationId: string) {
  const [first] = requests;
  const kind = first === undefined ? '' : parseSubjectKey(first.subject).kind;
  return {
    name: `refresh ${kind}`,
    attributes: {
      'orgtrail.integration.id': integrationId,
      'orgtrail.subject.kind': kind,
      'orgtrail.refresh.lane': first?.lane ?? '',
      'orgtrail.refresh.reason': first?.reason ?? '',
    },
    from: requests.flatMap(({ causes }) => causes.map(({ traceparent }) => traceparent)),
  };
}
