import type { Queryable } from '@orgtrail/database';

export interface AdminAction {
  who: string;
  /** For example `change-integration`. */
  action: string;
  integrationId?: string | undefined;
  /** Never a secret: names of settings, account ids. */
  detail?: object;
}

/** Keeps what an administrator did. */
export async function noteAdminAction(
  database: Queryable,
  { who, action, integrationId, detail = {} }: AdminAction,
): Promise<void> {
  await database.query(`INSERT INTO discovery.admin_actions (who, action, integration_id, detail) VALUES ($1, $2, $3, $4)`, [
    who,
    action,
    integrationId ?? null,
    JSON.stringify(detail),
  ]);
}
