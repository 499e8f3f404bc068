import type { Queryable } from '@orgtrail/database';
import { withoutExternalIds } from './update-integration.js';

/** Removed integrations whose last word the bus has not acknowledged. */
export async function removedButUnpublished(database: Queryable): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `SELECT integration.id FROM discovery.integrations AS integration
      WHERE integration.state = 'removed'
        AND EXISTS (SELECT FROM discovery.observed_subjects AS observed
                     WHERE observed.integration_id = integration.id AND observed.published_version < observed.subject_version)`,
  );
  return rows.map(({ id }) => id);
}

/**
 * Forgets what was observed through removed integrations whose removal is published, and the external ids of those that an older version removed. Their
 * rows stay until they are purged: a scope is never used again.
 */
export async function forgetRemoved(database: Queryable): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations SET ${withoutExternalIds}
      WHERE state = 'removed'
        AND (settings ? 'intermediateRole' OR num_nonnulls(external_id, previous_external_id, retired_external_id) > 0)`,
  );
  for (const table of [
    'refresh_requests',
    'members',
    'member_roles',
    'quarantined_messages',
    'held_deletions',
    'event_delays',
    'call_counts',
    'proofs',
    'full_syncs',
    'found_changes',
    'examinations',
    'observed_subjects',
  ]) {
    await database.query(
      `DELETE FROM discovery.${table} AS kept
        USING discovery.integrations AS integration
        WHERE kept.integration_id = integration.id AND integration.state = 'removed' AND integration.organization_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM discovery.observed_subjects AS observed
                           WHERE observed.integration_id = integration.id AND observed.published_version < observed.subject_version)`,
    );
  }
}
