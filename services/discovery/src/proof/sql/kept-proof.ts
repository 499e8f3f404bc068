import type { Queryable } from '@orgtrail/database';
import type { EventPathJudgement } from '../judge-event-path.js';

export interface KeptProof {
  keptAt: Date;
  windowSeconds: number;
  staleSeconds: number;
  path?: EventPathJudgement & { judgedAt: Date };
}

/** The one that watches says that it does, and under which settings. */
export async function keepProof(
  database: Queryable,
  integrationId: string,
  settings: { windowSeconds: number; staleSeconds: number },
): Promise<void> {
  await database.query(
    `INSERT INTO discovery.proofs (integration_id, kept_at, window_seconds, stale_seconds) VALUES ($1, clock_timestamp(), $2, $3)
         ON CONFLICT (integration_id)
         DO UPDATE SET kept_at = excluded.kept_at, window_seconds = excluded.window_seconds, stale_seconds = excluded.stale_seconds`,
    [integrationId, settings.windowSeconds, settings.staleSeconds],
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
  }>(`SELECT kept_at, window_seconds, stale_seconds, path, path_judged_at FROM discovery.proofs WHERE integration_id = $1`, [
    integrationId,
  ]);
  const [row] = rows;
  return (
    row && {
      keptAt: row.kept_at,
      windowSeconds: row.window_seconds,
      staleSeconds: row.stale_seconds,
      ...(row.path && row.path_judged_at ? { path: { ...row.path, judgedAt: row.path_judged_at } } : {}),
    }
  );
}
