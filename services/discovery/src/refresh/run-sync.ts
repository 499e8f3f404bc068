import type { OrganizationReader } from '@orgtrail/aws';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { askMembers } from '../integrations/sql/update-integration.js';
import { isChangeOfTheOrganization } from '../observed/merge.js';
import { recordReads, type RecordedChange, type SubjectReads } from '../observed/record-reads.js';
import { ancestorsOf } from '../observed/sql/ancestors-of.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { countLiveAccounts, liveNodeIds } from '../observed/sql/live-nodes.js';
import { revivedTombstones } from '../observed/sql/revived-tombstones.js';
import { findAbsences, isComplete } from './find-absences.js';
import { findTagsToRead } from './find-tags-to-read.js';
import { confirmOrDone, confirmTagsAfterSeconds, type ConfirmationPolicy } from './decide-settlement.js';
import { listOrganization } from './list-organization.js';
import { messageOf } from './optional-read.js';
import { recordStorable } from './record-storable.js';
import { askRefresh, type Asking } from './sql/ask-refresh.js';
import { asksAboutUnits } from './sql/asks-about-units.js';
import { coveredRequests } from './sql/covered-requests.js';
import { dueRequests } from './sql/due-requests.js';
import { beginSync, finishSync, selectFindings } from './sql/sync-runs.js';
import { notePathsGiven } from './sql/paths-given.js';
import { settleRequests } from './sql/settle-requests.js';
import { findingsAfter, type ReadProblem, type SyncFindings } from './sync-findings.js';
import type { SyncKind } from './sync-kind.js';
import { createProgressMeter, type SyncProgress } from './sync-progress.js';

export interface SyncOptions {
  pool: pg.Pool;
  integration: Integration;
  kind: SyncKind;
  reason: string;
  /** Makes a reader that ends with the signal. */
  reader(signal: AbortSignal, onAttempt: (operation: string) => void): OrganizationReader;
  /** What the limiter lets through. */
  callsPerSecond(operation: string): number;
  signal: AbortSignal;
  policy: ConfirmationPolicy;
  isBaseline: boolean;
  logger: Logger;
  onProgress(progress: SyncProgress): void;
  onMerged(changes: readonly RecordedChange[]): void;
}

export interface SyncSummary extends Pick<SyncFindings, 'incompleteBecause' | 'problems'> {
  kind: SyncKind;
  complete: boolean;
  accounts: number;
  /** Absent: a light sync that left the OUs alone. */
  organizationalUnits?: number;
  /** Live accounts and OUs that the listing lacks: asked for alone. */
  nominated: number;
  /** Changes that this sync found. */
  changes: number;
  /** Subjects whose tags the bulk index knows otherwise than ListTagsForResource read them; absent where the index was not read. */
  tagIndexDrift?: number;
  /** Subjects whose tags were read, and so could be compared. */
  tagsCompared: number;
  /** By operation, repeated ones included. What was asked for alone afterwards is not among them. */
  calls: Record<string, number>;
  seconds: number;
}

/**
 * Reads an organization and nominates what it lacks. A full sync reads all of it and publishes all, so that it heals the graph; a light one
 * reads accounts and bulk tags, and publishes what changed. The version is drawn before the first read, and due requests are noted before
 * that (invariant 6), so it only clears what it really covers.
 */
export async function runSync(options: SyncOptions): Promise<SyncSummary> {
  const { pool, integration, kind, logger } = options;
  const { id } = integration;
  const startedAt = Date.now();
  const noted = await dueRequests(pool, id);
  const unitsAsked = await asksAboutUnits(pool, id);
  const version = await drawVersion(pool, id);
  const sync = await beginSync(pool, id, { kind, version, reason: options.reason });
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const calls: Record<string, number> = {};
  let changes = 0;

  const recordAll = async (subjects: readonly SubjectReads[]): Promise<void> => {
    // What was not read by then looks like parts that failed.
    signal.throwIfAborted();
    const found = subjects.map((read) => ({ ...read, foundBy: sync }));
    const recorded = await recordReads(pool, integration, found, {
      publish: kind === 'full' ? 'all' : 'changed',
      baseline: options.isBaseline,
      countUnexplained: true,
      confirmTagsAfterSeconds: confirmTagsAfterSeconds(options.policy),
    });
    if (recorded.length < subjects.length) throw new Error('The integration was removed meanwhile.');
    changes += recorded.filter(({ change }) => isChangeOfTheOrganization(change)).length;
    options.onMerged(recorded);
  };
  const record = (subjects: readonly SubjectReads[]): Promise<ReadProblem[]> => recordStorable(subjects, recordAll);
  try {
    const knownNodes = await liveNodeIds(pool, id);
    const meter = createProgressMeter({
      kind,
      known: { accounts: await countLiveAccounts(pool, id), nodes: knownNodes.size },
      now: Date.now,
      callsPerSecond: (operation) => options.callsPerSecond(operation),
      onProgress: (progress) => options.onProgress(progress),
    });
    const reader = options.reader(signal, (operation) => (calls[operation] = (calls[operation] ?? 0) + 1));
    const listing = await listOrganization(reader, {
      kind,
      version,
      integration,
      knownNodes,
      unitsAsked,
      ancestorsOf: (nodeId) => ancestorsOf(pool, id, nodeId),
      meter,
      record,
      end: (reason) => ending.abort(reason),
    });
    signal.throwIfAborted();
    const complete = isComplete(listing);
    await notePathsGiven(pool, id, listing.pathsGiven);

    const { nominations, ended } = await findAbsences(pool, id, { listing, version });
    await inChunks(ended, recordAll);
    if (kind === 'full') await askMembers(pool, id);
    const tags = await findTagsToRead(pool, id, { kind, version, tagIndexSize: listing.tagIndexSize });
    const nominating = nominations.map((subject): Asking => ({ subject, parts: ['core', 'placement'], reason: 'nominated' }));
    const askings = [...nominating, ...tags.askings].map((asking): Asking => ({ ...asking, foundBy: sync }));
    await inChunks(askings, (chunk) => askRefresh(pool, id, chunk));
    await inChunks(
      (await revivedTombstones(pool, id)).map((subject) => ({ subject, reads: [] })),
      recordAll,
    );
    await inChunks(noted, async (requests) => {
      const covered = await coveredRequests(pool, id, { noted: requests, version });
      const settled = covered.map((request) => ({ ...request, settlement: confirmOrDone(request, options.policy) }));
      await settleRequests(pool, id, settled, { claimed: false });
    });

    const { problems, accounts, organizationalUnits } = listing;
    const summary: SyncSummary = {
      kind,
      complete,
      incompleteBecause: [...listing.incompleteBecause, ...listing.walkIncompleteBecause],
      problems,
      accounts,
      ...(organizationalUnits === undefined ? {} : { organizationalUnits }),
      nominated: nominations.length,
      changes,
      ...(tags.drift === undefined ? {} : { tagIndexDrift: tags.drift }),
      tagsCompared: tags.compared,
      calls,
      seconds: (Date.now() - startedAt) / 1000,
    };
    await finishSync(pool, id, {
      id: sync.id,
      kind,
      outcome: complete ? 'complete' : 'incomplete',
      summary,
      findings: findingsAfter(await selectFindings(pool, id), { ...listing, kind, walked: organizationalUnits !== undefined }),
    });
    for (const problem of problems) logger.warn(problem, 'A part of the organization was not read, or could not be stored');
    return summary;
  } catch (error) {
    ending.abort(error);
    await finishSync(pool, id, {
      id: sync.id,
      kind,
      outcome: options.signal.aborted ? 'interrupted' : 'failed',
      summary: { error: messageOf(error) },
    });
    throw error;
  }
}

const chunkSize = 200;

async function inChunks<T>(items: readonly T[], work: (chunk: readonly T[]) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += chunkSize) await work(items.slice(start, start + chunkSize));
}
