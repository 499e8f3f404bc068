import type { Queryable } from '@orgtrail/database';

export interface LatestSync {
  outcome: 'complete' | 'incomplete' | 'failed';
  finishedAt: Date;
  ageSeconds: number;
  summary: {
    error?: string;
    incompleteBecause?: string[];
    problems?: { read: string; error: string }[];
    tagIndexDrift?: number;
    tagsCompared?: number;
  };
}

/** The newest full sync that ended by itself: one that was interrupted says nothing about AWS. */
export async function selectLatestSync(database: Queryable, integrationId: string): Promise<LatestSync | undefined> {
  const { rows } = await database.query<{
    outcome: LatestSync['outcome'];
    finished_at: Date;
    age: number;
    summary: LatestSync['summary'];
  }>(
    `SELECT outcome, finished_at, extract(epoch FROM clock_timestamp() - finished_at)::float8 AS age, summary
       FROM discovery.full_syncs
      WHERE integration_id = $1 AND kind = 'full' AND finished_at IS NOT NULL AND outcome <> 'interrupted'
      ORDER BY id DESC LIMIT 1`,
    [integrationId],
  );
  const [row] = rows;
  return row && { outcome: row.outcome, finishedAt: row.finished_at, ageSeconds: row.age, summary: row.summary };
}
