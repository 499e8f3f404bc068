import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';

/** The asking that all members are to be derived for, if that was not done yet. */
export async function pendingDerivation(database: Queryable, integrationId: string): Promise<string | undefined> {
  const { rows } = await database.query<{ members_ask: string }>(
    `SELECT members_ask FROM discovery.integrations WHERE id = $1 AND members_ask IS DISTINCT FROM members_derived_ask`,
    [integrationId],
  );
  return rows[0]?.members_ask;
}

export async function noteDerivation(database: Queryable, integrationId: string, ask: string): Promise<void> {
  await database.query(`UPDATE discovery.integrations SET members_derived_ask = $2 WHERE id = $1`, [integrationId, ask]);
}

/** Live accounts, and accounts that have a member. */
export async function accountsToDerive(database: Queryable, integrationId: string): Promise<SubjectKey[]> {
  const { rows } = await database.query<{ subject: SubjectKey }>(
    `SELECT subject FROM discovery.observed_subjects WHERE integration_id = $1 AND live AND kind = 'account'
      UNION
     SELECT 'account:' || account_id FROM discovery.members WHERE integration_id = $1
      ORDER BY 1`,
    [integrationId],
  );
  return rows.map(({ subject }) => subject);
}
