import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';

/** Which of these subjects are alive in what discovery holds. */
export async function liveAmong(
  database: Queryable,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<ReadonlySet<SubjectKey>> {
  const { rows } = await database.query<{ subject: SubjectKey }>(
    `SELECT subject FROM discovery.observed_subjects WHERE integration_id = $1 AND subject = ANY ($2) AND live`,
    [integrationId, subjects],
  );
  return new Set(rows.map(({ subject }) => subject));
}
