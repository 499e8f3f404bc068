import type { Queryable } from '@orgtrail/database';
import type { EventPathJudgement } from '../judge-event-path.js';
import type { ToldQueue } from '../queue-health.js';

export interface KeptProof {
  keptAt: Date;
  windowSeconds: number;
  staleSeconds: number;
  path?: EventPathJudgement & { judgedAt: Date };
  /** Of one that reads a queue. */
  queue?: { readAt: Date; failure?: string };
}

/** The one that watches says that it does, and under which settings. */
export async function keepProof(
  database: Queryable,
  integrationId: string,
  { windowSeconds, staleSeconds, queue }: { windowSeconds: number; staleSeconds: number; queue?: ToldQueue | undefined },
): Promise<void> {
  await database.query(
    `INSERT INTO discovery.proofs (integration_id, kept_at, window_seconds, stale_seconds, queue_read_at, queue_failure)
     VALUES ($1, clock_timestamp(), $2, $3, clock_timestamp() - make_interval(secs => $4), $5)
         ON CONFLICT (integration_id)
         DO UPDATE SET kept_at = excluded.kept_at, window_seconds = excluded.window_seconds, stale_seconds = excluded.stale_seconds,
                       queue_read_at = excluded.queue_read_at, queue_failure = excluded.queue_failure`,
    [integrationId, windowSeconds, staleSeconds, queue ? queue.readMsAgo / 1000 : null, queue?.failure ?? null],
  );
}

export async function keepPathJudgement(
  database: Queryable,
  integrationId: string,
  judgement: EventPathJudgement,
): Promise<void> {
  await database.query(`UPDATE discovery.proofs SET path = $2, path_judged_at = clock_timestamp() WHERE integration_id = $1`, [
    integrationId,
    JSON.stringify(judgement),
  ]);
}

export async function selectKeptProof(database: Queryable, integrationId: string): Promise<KeptProof | undefined> {
  const { rows } = await database.query<{
    kept_at: Date;
    window_seconds: number;
    stale_seconds: number;
    path: EventPathJudgement | null;
    path_judged_at: Date | null;
    queue_read_at: Date | null;
    queue_failure: string | null;
  }>(
    `SELECT kept_at, window_seconds, stale_seconds, path, path_judged_at, queue_read_at, queue_failure
       FROM discovery.proofs WHERE integration_id = $1`,
    [integrationId],
  );
  const [row] = rows;
  return (
    row && {
      keptAt: row.kept_at,
      windowSeconds: row.window_seconds,
      staleSeconds: row.stale_seconds,
      ...(row.path && row.path_judged_at ? { path: { ...row.path, judgedAt: row.path_judged_at } } : {}),
      ...(row.queue_read_at
        ? { queue: { readAt: row.queue_read_at, ...(row.queue_failure === null ? {} : { failure: row.queue_failure }) } }
        : {}),
    }
  );
}
