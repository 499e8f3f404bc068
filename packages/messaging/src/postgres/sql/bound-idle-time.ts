import type { Queryable } from '@orgtrail/database';

/** Postgres ends the session when this transaction waits longer than that for its client, and with it the transaction's locks. */
export async function boundIdleTime(db: Queryable, ms: number): Promise<void> {
  await db.query(`SELECT set_config('idle_in_transaction_session_timeout', $1, true)`, [`${ms}ms`]);
}
