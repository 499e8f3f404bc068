import type { Queryable } from '@orgtrail/database';
import type { ConditionCode } from '../integration.js';
import type { IntegrationSettings } from '../settings.js';

/** Replaces the settings; whoever watches the organization loads them again, and all members are derived anew. */
export async function updateSettings(database: Queryable, id: string, settings: IntegrationSettings): Promise<void> {
  const { name, ...rest } = settings;
  await database.query(
    `UPDATE discovery.integrations
        SET name = $2, settings = $3, settings_version = nextval('discovery.asks'), members_ask = nextval('discovery.asks')
      WHERE id = $1`,
    [id, name, JSON.stringify(rest)],
  );
}

export async function updateState(database: Queryable, id: string, state: 'active' | 'paused'): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations SET state = $2, settings_version = nextval('discovery.asks') WHERE id = $1`,
    [id, state],
  );
}

/** What sets all external ids to none, that of the intermediate role included. */
export const withoutExternalIds = `external_id = NULL, previous_external_id = NULL, previous_external_id_until = NULL, retired_external_id = NULL,
            settings = settings - 'intermediateRole'`;

/** Nobody reads through it any more: the external ids are forgotten at once. */
export async function markRemoved(database: Queryable, id: string): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations
        SET state = 'removed', settings_version = nextval('discovery.asks'), removed_at = clock_timestamp(),
            ${withoutExternalIds}
      WHERE id = $1`,
    [id],
  );
}

/** The condition's time stays while only its wording changes. */
export async function updateCondition(
  database: Queryable,
  id: string,
  condition: { code: ConditionCode; cause?: string | undefined; message: string },
): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations
        SET condition_since = CASE WHEN condition_code = $2 AND condition_cause IS NOT DISTINCT FROM $3 THEN condition_since
                                   ELSE clock_timestamp() END,
            condition_code = $2, condition_cause = $3, condition_message = $4
      WHERE id = $1 AND (condition_code, condition_cause, condition_message) IS DISTINCT FROM ($2, $3, $4)`,
    [id, condition.code, condition.cause ?? null, condition.message],
  );
}

/** What AWS said about the credentials. Violates `integrations_organization` when another integration has this organization. */
export async function updateRecognition(
  database: Queryable,
  id: string,
  organization: { organizationId: string; partition: string; managementAccountId: string; isManagementAccount: boolean },
): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations
        SET organization_id = $2, partition = $3, management_account_id = $4, is_management_account = $5
      WHERE id = $1`,
    [id, organization.organizationId, organization.partition, organization.managementAccountId, organization.isManagementAccount],
  );
}

/** All members of the integration are derived again soon. */
export async function askMembers(database: Queryable, id: string): Promise<void> {
  await database.query(`UPDATE discovery.integrations SET members_ask = nextval('discovery.asks') WHERE id = $1`, [id]);
}

export interface ExternalIds {
  externalId: string;
  previous?: { value: string; validUntil: Date } | undefined;
  retired?: string | undefined;
}

export async function updateExternalIds(database: Queryable, id: string, ids: ExternalIds): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations
        SET external_id = $2, previous_external_id = $3, previous_external_id_until = $4, retired_external_id = $5,
            settings_version = nextval('discovery.asks')
      WHERE id = $1`,
    [id, ids.externalId, ids.previous?.value ?? null, ids.previous?.validUntil ?? null, ids.retired ?? null],
  );
}
