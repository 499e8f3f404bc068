import type { Queryable } from '@orgtrail/database';

/** Erases the e-mail addresses that discovery itself holds: in observed subjects and in quarantined messages. */
export async function eraseEmail(database: Queryable, integrationId: string): Promise<void> {
  await database.query(
    `UPDATE discovery.observed_subjects
        SET parts = parts #- '{core,value,email}' #- '{core,value,managementAccountEmail}'
      WHERE integration_id = $1
        AND (parts #> '{core,value}') ?| ARRAY['email', 'managementAccountEmail']`,
    [integrationId],
  );
  await database.query(
    `UPDATE discovery.quarantined_messages SET body = '(erased with the e-mail addresses)' WHERE integration_id = $1`,
    [integrationId],
  );
}
