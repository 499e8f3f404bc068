import type { Queryable } from '@orgtrail/database';
import type { Version } from '../../observed/subject-state.js';
import type { SyncKind } from '../../refresh/sync-kind.js';

export interface EndedSync {
  /** At which what it listed was recorded. */
  version: Version;
  kind: SyncKind;
  outcome: 'complete' | 'incomplete' | 'failed';
  startedAt: Date;
  finishedAt: Date;
  summary: {
    error?: string;
    incompleteBecause?: string[];
    problems?: { read: string; error: string }[];
    tagIndexDrift?: number;
    tagsCompared?: number;
    calls?: Record<string, number>;
  };
}

export interface RecentSyncs {
  /** Of any kind; one that was interrupted says nothing. */
  last?: EndedSync;
  lastFull?: EndedSync;
  /** Complete in every part: also those that may fail without failing the sync. */
  lastComplete?: EndedSync;
  /** That compared the tag index, newest first. */
  comparing: EndedSync[];
}

const looksBack = 50;
/** In SQL: a full sync that read everything, also what may fail without failing it. */
export const isComplete = `kind = 'full' AND outcome = 'complete' AND jsonb_array_length(coalesce(summary->'problems', '[]')) = 0`;

export async function selectRecentSyncs(database: Queryable, integrationId: string): Promise<RecentSyncs> {
  const { rows } = await database.query<{
    version: string;
    kind: SyncKind;
    outcome: EndedSync['outcome'];
    started_at: Date;
    finished_at: Date;
    summary: EndedSync['summary'] | null;
  }>(
    `SELECT version, kind, outcome, started_at, finished_at, summary FROM (
       (SELECT * FROM discovery.full_syncs
         WHERE integration_id = $1 AND finished_at IS NOT NULL AND outcome <> 'interrupted'
         ORDER BY id DESC LIMIT ${looksBack})
       UNION
       -- However long ago.
       (SELECT * FROM discovery.full_syncs WHERE integration_id = $1 AND ${isComplete}
         ORDER BY id DESC LIMIT 1)) AS recent
      ORDER BY id DESC`,
    [integrationId],
  );
  const syncs = rows.map(({ version, kind, outcome, started_at, finished_at, summary }): EndedSync => ({
    version: BigInt(version),
    kind,
    outcome,
    startedAt: started_at,
    finishedAt: finished_at,
    summary: summary ?? {},
  }));
  const [last] = syncs;
  const full = syncs.filter(({ kind }) => kind === 'full');
  const lastFull = full.find(({ outcome }) => outcome !== 'failed');
  const lastComplete = full.find(({ outcome, summary }) => outcome === 'complete' && (summary.problems ?? []).length === 0);
  return {
    ...(last ? { last } : {}),
    ...(lastFull ? { lastFull } : {}),
    ...(lastComplete ? { lastComplete } : {}),
    comparing: syncs.filter(({ summary }) => summary.tagIndexDrift !== undefined && (summary.tagsCompared ?? 0) > 0).slice(0, 10),
  };
}
