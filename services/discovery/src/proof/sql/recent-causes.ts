import type { Queryable } from '@orgtrail/database';
import type { StoredCause } from '../../observed/sql/store-subjects.js';
import type { SubjectKey } from '../../subjects.js';

/** Events of the last 15 minutes that named these subjects. */
export async function recentCauses(
  database: Queryable,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<Map<SubjectKey, StoredCause[]>> {
  const { rows } = await database.query<{ subjects: SubjectKey[]; cause: StoredCause }>(
    `SELECT subjects, cause FROM discovery.events
      WHERE integration_id = $1 AND subjects && $2::text[] AND received_at > clock_timestamp() - interval '15 minutes'`,
    [integrationId, subjects],
  );
  const causes = new Map<SubjectKey, StoredCause[]>();
  for (const row of rows) {
    for (const subject of row.subjects) causes.set(subject, [...(causes.get(subject) ?? []), row.cause]);
  }
  return causes;
}
