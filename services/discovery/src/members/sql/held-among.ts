import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';

/** Which of these endings wait for an operator. */
export async function heldAmong(
  database: Queryable,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<ReadonlySet<SubjectKey>> {
  const { rows } = await database.query<{ subject: SubjectKey }>(
    `SELECT subject FROM discovery.held_deletions WHERE integration_id = $1 AND subject = ANY ($2) AND approved_at IS NULL`,
    [integrationId, subjects],
  );
  return new Set(rows.map(({ subject }) => subject));
}
