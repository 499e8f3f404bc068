import type { Queryable } from '@orgtrail/database';
import type pg from 'pg';

export interface RemovedIntegration {
  id: string;
  name: string;
  /** Whether the graph was told of it: then it may hold something, or will as soon as it has read what is on its way. */
  announced: boolean;
  organizationId?: string;
  managementAccountId?: string;
  /** Absent of one that an older version removed. */
  removedAt?: Date;
}

interface Row {
  id: string;
  name: string;
  announced: boolean;
  organization_id: string | null;
  management_account_id: string | null;
  removed_at: Date | null;
}

/** What is kept of integrations that were removed, the newest removal first. */
export async function selectRemovedIntegrations(database: Queryable): Promise<RemovedIntegration[]> {
  const { rows } = await database.query<Row>(
    // Nothing is published without a version, and no version drawn without a clock.
    `SELECT id, name, organization_id, management_account_id, removed_at,
            EXISTS (SELECT FROM discovery.version_clocks AS clock WHERE clock.integration_id = integration.id) AS announced
       FROM discovery.integrations AS integration
      WHERE state = 'removed' ORDER BY removed_at DESC NULLS LAST, id`,
  );
  return rows.map(({ id, name, announced, organization_id, management_account_id, removed_at }) => ({
    id,
    name,
    announced,
    ...(organization_id === null ? {} : { organizationId: organization_id }),
    ...(management_account_id === null ? {} : { managementAccountId: management_account_id }),
    ...(removed_at === null ? {} : { removedAt: removed_at }),
  }));
}

/** Locks an integration whatever its state. Undefined where there is none. */
export async function lockIntegration(
  client: pg.PoolClient,
  id: string,
): Promise<{ isRemoved: boolean; isPublished: boolean } | undefined> {
  const { rows } = await client.query<{ isRemoved: boolean; isPublished: boolean }>(
    `SELECT state = 'removed' AS "isRemoved",
            NOT EXISTS (SELECT FROM discovery.observed_subjects AS observed
                         WHERE observed.integration_id = integration.id AND observed.published_version < observed.subject_version) AS "isPublished"
       FROM discovery.integrations AS integration WHERE id = $1 FOR UPDATE`,
    [id],
  );
  return rows[0];
}

/** Deletes an integration, with its settings and external ids, and every row of every table that belongs to it. What administrators did stays. */
export async function deleteIntegration(client: pg.PoolClient, id: string): Promise<void> {
  // As the schema says it: a table that a newer version added is none to forget.
  const { rows } = await client.query<{ belonging: string }>(
    `SELECT conrelid::regclass::text AS belonging FROM pg_constraint
      WHERE contype = 'f' AND confrelid = 'discovery.integrations'::regclass ORDER BY 1`,
  );
  for (const { belonging } of rows) await client.query(`DELETE FROM ${belonging} WHERE integration_id = $1`, [id]);
  await client.query(`DELETE FROM discovery.integrations WHERE id = $1`, [id]);
}
