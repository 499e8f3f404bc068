import type pg from 'pg';

/** Notes the time of the newest history of scopes whose rows the transaction holds locked. */
export async function touchScopes(client: pg.PoolClient, scopes: readonly string[], at: string): Promise<void> {
  if (scopes.length === 0) return;
  await client.query(`UPDATE graph.scopes SET last_applied_at = $2::timestamptz WHERE scope = ANY ($1::text[])`, [scopes, at]);
}
