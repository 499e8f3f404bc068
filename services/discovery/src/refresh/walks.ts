import type { OrganizationReader, Priority } from '@orgtrail/aws';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import type { SubjectReads } from '../observed/record-reads.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import type { Version } from '../observed/subject-state.js';
import type { SubjectKey } from '../subjects.js';
import { urgencies, type Lane, type Urgency } from './lanes.js';
import { listedSubjects } from './listed-subjects.js';
import { planReads, type ReadWay } from './plan-reads.js';
import type { SubjectReading } from './read-subject.js';
import type { RefreshRequest } from './sql/claim-due-requests.js';
import { countRequests } from './sql/due-requests.js';
import { organizationSize } from './sql/organization-size.js';
import { arePathsGiven, notePathsGiven } from './sql/paths-given.js';
import { createSyncCover } from './sync-cover.js';
import { walkUnitsBelow } from './walk-units-below.js';

export interface WalksOptions {
  pool: pg.Pool;
  integration: Integration;
  logger: Logger;
  isBaseline(): boolean;
  reader(priority: Priority, signal: AbortSignal): OrganizationReader;
  callsPerSecond(operation: string): number;
  /** Claims everything that is due in a lane and of these urgencies. */
  claim(lane: Lane, of: readonly Urgency[]): Promise<RefreshRequest[]>;
  /** Merges an answer; without one the claim is given back. Never rejects. */
  answer(request: RefreshRequest, reading: SubjectReading | undefined): Promise<void>;
  signal: AbortSignal;
}

/** Reads that answer a whole lane at once, where the planner finds them cheaper than reading one by one. */
export interface Walks {
  /** To be asked before each claim, with the lanes in which much may be due. Resolves to the walks that are to be begun now. */
  whenCheaper(crowded: readonly Lane[]): Promise<(() => Promise<void>)[]>;
  /** What was asked for before is about to be read by a full sync that was asked for; undefined: nothing is. */
  coveredUntil(lane: Lane): Date | undefined;
}

type Ways = ReadonlyMap<Lane, ReadWay>;
type WalkedLane = Lane & ('account' | 'ou');

/** Below so many due requests nobody counts: reading them takes seconds. */
const worthCounting: Record<WalkedLane, number> = { account: 32, ou: 8 };
/** What a walk did not name is read alone; another walk would not name it either. */
const pauseMs = 60_000;
/** How often it is worth to count. */
const countEveryMs = 2_000;

export function createWalks(options: WalksOptions): Walks {
  const { pool, integration, logger } = options;
  let countedAt = -Infinity;
  const cover = createSyncCover({ pool, integrationId: integration.id, logger, now: () => performance.now() });
  const pausedUntil = new Map<Lane, number>();
  const walking = new Set<Lane>();

  const walk = async (lane: WalkedLane, of: readonly Urgency[]): Promise<void> => {
    const requests = await options.claim(lane, of);
    if (requests.length === 0) return;
    const open = new Map<SubjectKey, RefreshRequest>(requests.map((request) => [request.subject, request]));
    const answers: Promise<void>[] = [];
    const answerNamed = (named: readonly SubjectReads[]): void => {
      for (const { subject, reads } of named) {
        const request = open.get(subject);
        const isWhole = request?.parts.every((part) => reads.some((read) => read.part === part));
        if (!request || !isWhole) continue;
        open.delete(subject);
        answers.push(options.answer(request, { reads: [...reads], unread: [] }));
      }
    };
    try {
      logger.info({ lane, due: requests.length }, 'So much is due that one walk over all is cheaper than reading each alone');
      const version = await drawVersion(pool, integration.id);
      const reader = options.reader(
        requests.some(({ urgency }) => urgency === 'event') ? 'event' : 'confirmation',
        options.signal,
      );
      if (lane === 'account') {
        await notePathsGiven(pool, integration.id, await walkAccounts(reader, version, answerNamed));
      } else await walkUnitsBelow({ pool, integrationId: integration.id, reader, version, add: answerNamed });
    } catch (error) {
      logger.warn({ lane, err: error }, 'A walk broke off; what it did not reach is read alone');
    } finally {
      if (open.size > 0) pausedUntil.set(lane, performance.now() + pauseMs);
      for (const request of open.values()) answers.push(options.answer(request, undefined));
      await Promise.all(answers);
    }
  };
  const isFree = (lane: Lane): lane is WalkedLane =>
    (lane === 'account' || lane === 'ou') && !walking.has(lane) && performance.now() >= (pausedUntil.get(lane) ?? 0);

  /** What is cheapest for all that is due, and what would be for the first reads of events alone. */
  const plan = async ({ withoutSync = false } = {}): Promise<{ ways: Ways; ofEvents: Ways }> => {
    const { dueByLane, dueEventsByLane } = await countRequests(pool, integration.id);
    if ((dueByLane.account ?? 0) < worthCounting.account && (dueByLane.ou ?? 0) < worthCounting.ou) {
      return { ways: new Map(), ofEvents: new Map() };
    }
    const facts = {
      size: await organizationSize(pool, integration.id),
      pathsGiven: await arePathsGiven(pool, integration.id),
      callsPerSecond: (operation: string) => options.callsPerSecond(operation),
      withoutSync,
    };
    return { ways: planReads({ ...facts, due: dueByLane }).ways, ofEvents: planReads({ ...facts, due: dueEventsByLane }).ways };
  };

  return {
    whenCheaper: async (crowded) => {
      const now = performance.now();
      await cover.look();
      if (!crowded.some(isFree) || now - countedAt < countEveryMs) return [];
      countedAt = now;
      let { ways, ofEvents } = await plan();
      if ([...ways.values()].includes('full-sync') && !options.isBaseline()) {
        if (await cover.begin()) return [];
        ({ ways, ofEvents } = await plan({ withoutSync: true }));
      }
      const cheaper = [...ways].flatMap(([lane, way]) =>
        isFree(lane) && (way === 'account-pages' || way === 'unit-walk') ? [lane] : [],
      );
      return cheaper.map((lane) => {
        walking.add(lane);
        return async () => {
          // Events do not wait for their page where each alone is faster.
          const of = urgencies.filter((urgency) => urgency !== 'event' || (ofEvents.get(lane) ?? 'each') !== 'each');
          await walk(lane, of).finally(() => walking.delete(lane));
        };
      });
    },
    coveredUntil: (lane) => (lane === 'account' || lane === 'ou' ? cover.until() : undefined),
  };
}

/**
 * Resolves to whether AWS says where accounts hang. Where it does of none on a page, no further page helps; single ones that have no path
 * are not answered whole, and are read alone.
 */
async function walkAccounts(
  reader: OrganizationReader,
  version: Version,
  answerNamed: (named: readonly SubjectReads[]) => void,
): Promise<boolean> {
  const listed = listedSubjects(version);
  for await (const page of reader.listAccounts()) {
    if (page.every(({ placement, conflictingPaths }) => !placement && !conflictingPaths)) return false;
    answerNamed(page.map((account) => listed.account(account)));
  }
  return true;
}
