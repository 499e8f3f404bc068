import type { Queryable } from '@orgtrail/database';

export interface AdminAction {
  at: Date;
  who: string;
  action: string;
  detail: object;
}

/** Keeps what an administrator did. */
export async function noteAdminAction(database: Queryable, { who, action, detail }: Omit<AdminAction, 'at'>): Promise<void> {
  await database.query('INSERT INTO graph.admin_actions (who, action, detail) VALUES ($1, $2, $3)', [
    who,
    action,
    JSON.stringify(detail),
  ]);
}

/** The newest first. */
export async function selectAdminActions(database: Queryable, limit: number): Promise<AdminAction[]> {
  const { rows } = await database.query<AdminAction>(
    'SELECT at, who, action, detail FROM graph.admin_actions ORDER BY id DESC LIMIT $1',
    [limit],
  );
  return rows;
}
