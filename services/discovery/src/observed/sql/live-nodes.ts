import type { Queryable } from '@orgtrail/database';
import { parseSubjectKey, type SubjectKey } from '../../subjects.js';

/** The ids of live roots and OUs. */
export async function liveNodeIds(database: Queryable, integrationId: string): Promise<Set<string>> {
  const { rows } = await database.query<{ subject: SubjectKey }>(
    `SELECT subject FROM discovery.observed_subjects WHERE integration_id = $1 AND live AND kind IN ('root', 'ou')`,
    [integrationId],
  );
  return new Set(rows.map(({ subject }) => parseSubjectKey(subject).id));
}

export async function countLiveAccounts(database: Queryable, integrationId: string): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM discovery.observed_subjects WHERE integration_id = $1 AND live AND kind = 'account'`,
    [integrationId],
  );
  return rows[0]?.count ?? 0;
}
