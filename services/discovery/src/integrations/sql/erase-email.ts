import type { Queryable } from '@orgtrail/database';

/** Erases the e-mail addresses that discovery itself holds: in observed subjects and in quarantined messages. */
export async function eraseEmail(database: Queryable, integrationId: string): Promise<void> {
  await database.query(
    // Locked in key order, as every merge does.
    `WITH holding AS (
       SELECT subject FROM discovery.observed_subjects
        WHERE integration_id = $1 AND (parts #> '{core,value}') ?| ARRAY['email', 'managementAccountEmail']
        ORDER BY subject COLLATE "C"
          FOR UPDATE)
     UPDATE discovery.observed_subjects AS observed
        SET parts = parts #- '{core,value,email}' #- '{core,value,managementAccountEmail}'
       FROM holding
      WHERE observed.integration_id = $1 AND observed.subject = holding.subject`,
    [integrationId],
  );
  await database.query(
    `UPDATE discovery.quarantined_messages SET body = '(erased with the e-mail addresses)' WHERE integration_id = $1`,
    [integrationId],
  );
}
