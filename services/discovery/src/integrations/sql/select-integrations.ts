import type { Queryable } from '@orgtrail/database';
import type { SyncFindings } from '../../refresh/sync-findings.js';
import type { SyncProgress } from '../../refresh/sync-progress.js';
import type { ConditionCode, StoredIntegration } from '../integration.js';
import { integrationSettings } from '../settings.js';

interface Row {
  id: string;
  name: string;
  settings: Record<string, unknown>;
  external_id: string | null;
  previous_external_id: string | null;
  previous_external_id_until: Date | null;
  retired_external_id: string | null;
  webhook_secret_since: Date | null;
  previous_webhook_secret_until: Date | null;
  state: StoredIntegration['state'];
  condition_code: ConditionCode;
  condition_cause: string | null;
  condition_message: string;
  condition_since: Date;
  organization_id: string | null;
  partition: string | null;
  management_account_id: string | null;
  is_management_account: boolean | null;
  held_deletions: number;
  settings_version: string;
  created_at: Date;
  last_full_sync_at: Date | null;
  last_light_sync_at: Date | null;
  running_sync: SyncProgress | null;
  sync_findings: SyncFindings | null;
}

const columns = `id, name, settings, external_id, previous_external_id, previous_external_id_until, retired_external_id,
  webhook_secret_since, previous_webhook_secret_until, state,
  condition_code, condition_cause, condition_message, condition_since, organization_id, partition, management_account_id,
  (SELECT count(*)::int FROM discovery.held_deletions AS held
    WHERE held.integration_id = integrations.id AND held.approved_at IS NULL) AS held_deletions,
  is_management_account, settings_version, created_at, last_full_sync_at, last_light_sync_at, sync_findings,
  CASE WHEN full_sync_lease_until > clock_timestamp() THEN sync_progress END AS running_sync`;

/** The integrations that were not removed, oldest first. */
export async function selectIntegrations(database: Queryable): Promise<StoredIntegration[]> {
  return (await selectRows(database)).map(decode);
}

/** Those of them that this version understands: a newer one may have settings that it does not know. */
export async function selectReadableIntegrations(
  database: Queryable,
): Promise<{ readable: StoredIntegration[]; unreadable: { id: string; error: unknown }[] }> {
  const readable: StoredIntegration[] = [];
  const unreadable: { id: string; error: unknown }[] = [];
  for (const row of await selectRows(database)) {
    try {
      readable.push(decode(row));
    } catch (error) {
      unreadable.push({ id: row.id, error });
    }
  }
  return { readable, unreadable };
}

async function selectRows(database: Queryable): Promise<Row[]> {
  const { rows } = await database.query<Row>(
    `SELECT ${columns} FROM discovery.integrations WHERE state <> 'removed' ORDER BY created_at, id`,
  );
  return rows;
}

/** One integration, removed ones included. `lock` holds it until the transaction ends. */
export async function selectIntegration(
  database: Queryable,
  id: string,
  options: { lock?: boolean } = {},
): Promise<StoredIntegration | undefined> {
  const { rows } = await database.query<Row>(
    `SELECT ${columns} FROM discovery.integrations WHERE id = $1 ${options.lock === true ? 'FOR NO KEY UPDATE' : ''}`,
    [id],
  );
  return rows[0] && decode(rows[0]);
}

function decode(row: Row): StoredIntegration {
  return {
    id: row.id,
    settings: integrationSettings.parse({ ...row.settings, name: row.name }),
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    ...(row.previous_external_id === null || row.previous_external_id_until === null
      ? {}
      : { previousExternalId: { value: row.previous_external_id, validUntil: row.previous_external_id_until } }),
    ...(row.retired_external_id === null ? {} : { retiredExternalId: row.retired_external_id }),
    ...(row.webhook_secret_since === null
      ? {}
      : { webhook: webhookOf(row.webhook_secret_since, row.previous_webhook_secret_until) }),
    state: row.state,
    condition: {
      code: row.condition_code,
      ...(row.condition_cause === null ? {} : { cause: row.condition_cause }),
      message: row.condition_message,
      since: row.condition_since,
    },
    ...(row.organization_id === null ? {} : { organizationId: row.organization_id }),
    ...(row.partition === null ? {} : { partition: row.partition }),
    ...(row.management_account_id === null ? {} : { managementAccountId: row.management_account_id }),
    ...(row.is_management_account === null ? {} : { isManagementAccount: row.is_management_account }),
    ...(row.held_deletions === 0 ? {} : { heldDeletions: row.held_deletions }),
    settingsVersion: row.settings_version,
    createdAt: row.created_at,
    ...(row.last_full_sync_at === null ? {} : { lastFullSyncAt: row.last_full_sync_at }),
    ...(row.last_light_sync_at === null ? {} : { lastLightSyncAt: row.last_light_sync_at }),
    ...(row.running_sync === null ? {} : { runningSync: row.running_sync }),
    ...(row.sync_findings === null ? {} : { syncFindings: row.sync_findings }),
  };
}

function webhookOf(since: Date, previousUntil: Date | null): NonNullable<StoredIntegration['webhook']> {
  const overlapLasts = previousUntil !== null && previousUntil > new Date();
  return { since, ...(overlapLasts ? { previousValidUntil: previousUntil } : {}) };
}
