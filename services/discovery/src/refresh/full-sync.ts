import type { OrganizationReader } from '@orgtrail/aws';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { askMembers } from '../integrations/sql/update-integration.js';
import { isChangeOfTheOrganization, recordReads, type RecordedChange } from '../observed/record-reads.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { graphOnlySubjects } from '../observed/sql/graph-only-subjects.js';
import { liveSubjects } from '../observed/sql/live-subjects.js';
import { revivedTombstones } from '../observed/sql/revived-tombstones.js';
import { confirmOrDone, confirmTagsAfterSeconds, type ConfirmationPolicy } from './decide-settlement.js';
import { findAbsences, readsOfListing, tagsToRead } from './full-sync-plan.js';
import { listOrganization, type ListingProgress } from './list-organization.js';
import { askRefresh } from './sql/ask-refresh.js';
import { dueRequests, type DueRequest } from './sql/due-requests.js';
import { releaseHeldDeletions } from './sql/endings.js';
import { beginFullSync, finishFullSync } from './sql/full-syncs.js';
import { settleRequest } from './sql/settle-requests.js';

export interface FullSyncOptions {
  pool: pg.Pool;
  integration: Integration;
  /** Ends with the signal. */
  reader: OrganizationReader;
  signal: AbortSignal;
  reason: string;
  policy: ConfirmationPolicy;
  isBaseline: boolean;
  logger: Logger;
  onProgress?: (progress: ListingProgress) => void;
  onMerged(changes: readonly RecordedChange[]): void;
}

export interface FullSyncSummary {
  complete: boolean;
  incompleteBecause: string[];
  problems: { read: string; error: string }[];
  accounts: number;
  organizationalUnits: number;
  /** Live accounts and OUs that the listing lacks: asked for alone. */
  nominated: number;
  /** Changes that this sync found. */
  changes: number;
  /** Subjects whose tags the bulk index knows otherwise than ListTagsForResource read them; absent where the index was not read. */
  tagIndexDrift?: number;
  /** Subjects whose tags were read, and so could be compared. */
  tagsCompared: number;
  seconds: number;
}

const mergeChunk = 200;

/**
 * Reads the whole organization, heals the graph from it, and nominates what it lacks. The sync's version is drawn before the first
 * read, and due requests are noted before that (invariant 6), so it only clears what it really covers.
 */
export async function runFullSync(options: FullSyncOptions): Promise<FullSyncSummary> {
  const { pool, integration, reader, logger } = options;
  const startedAt = Date.now();
  const covered = await dueRequests(pool, integration.id);
  const version = await drawVersion(pool, integration.id);
  const syncId = await beginFullSync(pool, integration.id, { version, reason: options.reason });
  try {
    const listing = await listOrganization(reader, {
      managementAccountId: integration.managementAccountId,
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    });
    // What was not read by then looks like parts that failed.
    options.signal.throwIfAborted();
    if (listing.organization.id !== integration.organizationId) {
      throw new Error(
        `These credentials read organization ${listing.organization.id}, but the integration is for ${integration.organizationId}. Nothing was changed. Configure the role or the credentials of ${integration.organizationId}.`,
      );
    }
    const changes: RecordedChange[] = [];
    const record = async (subjects: ReturnType<typeof readsOfListing>) => {
      for (let start = 0; start < subjects.length; start += mergeChunk) {
        const recorded = await recordReads(pool, integration, subjects.slice(start, start + mergeChunk), {
          publish: 'all',
          baseline: options.isBaseline,
          countUnexplained: true,
          confirmTagsAfterSeconds: confirmTagsAfterSeconds(options.policy),
        });
        changes.push(...recorded);
        options.onMerged(recorded);
      }
    };
    await record(readsOfListing(listing, version));

    const live = await liveSubjects(pool, integration.id);
    const absences = findAbsences(listing, { live, graphOnly: await graphOnlySubjects(pool, integration.id) }, version);
    await record(absences.ended);
    if (listing.incompleteBecause.length === 0) await releaseHeldDeletions(pool, integration.id);
    await askMembers(pool, integration.id);
    // Whoever is nominated is asked for whole; that the index lacks it says nothing about the index.
    const absent = new Set(absences.nominations);
    const tagged = [...(await liveSubjects(pool, integration.id, ['account', 'ou', 'root']))];
    const tagReads = tagsToRead(new Map(tagged.filter(([subject]) => !absent.has(subject))), listing.tagIndex);
    await askRefresh(pool, integration.id, [
      ...absences.nominations.map((subject) => ({
        subject,
        parts: ['core', 'placement'] as const,
        reason: 'nominated' as const,
      })),
      ...tagReads.askings,
    ]);
    await record((await revivedTombstones(pool, integration.id)).map((subject) => ({ subject, reads: [] })));
    await clearCovered(options, covered, new Set(readsOfListing(listing, version).map(({ subject }) => subject)));

    const summary: FullSyncSummary = {
      complete: listing.incompleteBecause.length === 0,
      incompleteBecause: listing.incompleteBecause,
      problems: listing.problems,
      accounts: listing.accounts.length,
      organizationalUnits: listing.organizationalUnits.length,
      nominated: absences.nominations.length,
      changes: changes.filter(({ change }) => isChangeOfTheOrganization(change)).length,
      ...(tagReads.drift === undefined ? {} : { tagIndexDrift: tagReads.drift }),
      tagsCompared: tagReads.compared,
      seconds: (Date.now() - startedAt) / 1000,
    };
    await finishFullSync(pool, integration.id, syncId, { outcome: summary.complete ? 'complete' : 'incomplete', summary });
    for (const problem of listing.problems) logger.warn(problem, 'An optional part of the full sync was not read');
    return summary;
  } catch (error) {
    await finishFullSync(pool, integration.id, syncId, {
      outcome: 'failed',
      summary: { error: options.signal.aborted ? 'Interrupted: the service was stopped' : messageOf(error) },
    });
    throw error;
  }
}

/** Settles the noted requests that this sync answered whole: core and placement of what it listed, never tags (invariant 12). */
async function clearCovered(options: FullSyncOptions, noted: readonly DueRequest[], listed: ReadonlySet<string>): Promise<void> {
  const { pool, integration, policy } = options;
  for (const request of noted) {
    if (!listed.has(request.subject) || request.parts.includes('tags')) continue;
    await settleRequest(pool, { integrationId: integration.id, ...request }, confirmOrDone(request, policy));
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
