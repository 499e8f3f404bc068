import type { Queryable } from '@orgtrail/database';
import type { Part, SubjectKey } from '../../subjects.js';

/** What becomes of a request after its reads. Every outcome holds only while `ask` is still the one that was claimed. */
export type Settlement =
  | { outcome: 'done' }
  /** Read well; AWS is eventually consistent, so the same parts are read once more later. */
  | { outcome: 'confirm'; afterSeconds: number; notFound: number }
  /** These parts were not read: they stay due. */
  | { outcome: 'retry'; parts: readonly Part[]; afterSeconds: number; error: string };

/** Settles one request. When it was asked again meanwhile, only the claim is given back, and it is due at once. */
export async function settleRequest(
  database: Queryable,
  key: { integrationId: string; subject: SubjectKey; ask: string },
  settlement: Settlement,
): Promise<void> {
  const { rowCount } = await settle(database, key, settlement);
  if (rowCount !== 0) return;
  await database.query(
    `UPDATE discovery.refresh_requests SET claimed_until = NULL WHERE integration_id = $1 AND subject = $2 AND ask <> $3`,
    [key.integrationId, key.subject, key.ask],
  );
}

function settle(database: Queryable, key: { integrationId: string; subject: SubjectKey; ask: string }, settlement: Settlement) {
  const identity = [key.integrationId, key.subject, key.ask];
  switch (settlement.outcome) {
    case 'done':
      return database.query(
        `DELETE FROM discovery.refresh_requests WHERE integration_id = $1 AND subject = $2 AND ask = $3`,
        identity,
      );
    case 'confirm':
      return database.query(
        `UPDATE discovery.refresh_requests
            SET due_at = clock_timestamp() + make_interval(secs => $4), confirmations = confirmations + 1, not_found = $5,
                claimed_until = NULL, attempts = 0, last_error = NULL
          WHERE integration_id = $1 AND subject = $2 AND ask = $3`,
        [...identity, settlement.afterSeconds, settlement.notFound],
      );
    case 'retry':
      return database.query(
        `UPDATE discovery.refresh_requests
            SET parts = $4, due_at = clock_timestamp() + make_interval(secs => $5), attempts = attempts + 1, last_error = $6, claimed_until = NULL
          WHERE integration_id = $1 AND subject = $2 AND ask = $3`,
        [...identity, settlement.parts, settlement.afterSeconds, settlement.error],
      );
  }
}
