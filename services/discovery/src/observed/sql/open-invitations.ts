import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';

/**
 * Live invitations by which one of these accounts may have come: those of its id, and those of an e-mail address, since addresses may
 * be withheld. One list answers all of them.
 */
export async function openInvitations(
  database: Queryable,
  integrationId: string,
  accountIds: readonly string[],
): Promise<SubjectKey[]> {
  const { rows } = await database.query<{ subject: SubjectKey }>(
    `SELECT subject FROM discovery.observed_subjects
      WHERE integration_id = $1 AND kind = 'invitation' AND live
        AND coalesce(parts #>> '{core,value,accountId}' = ANY ($2), true)`,
    [integrationId, accountIds],
  );
  return rows.map(({ subject }) => subject);
}
