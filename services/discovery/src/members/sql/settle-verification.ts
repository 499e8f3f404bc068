import { roleFailures } from '@orgtrail/aws';
import type { Queryable } from '@orgtrail/database';

/** What a verification showed, as it is kept. */
export type VerificationResult =
  | { outcome: 'verified'; usedPreviousExternalId: boolean; negativeChecked: boolean; nextAfterSeconds: number }
  /** Refused once: the last decision stays until it is refused again. */
  | { outcome: 'refused-once'; error: string; nextAfterSeconds: number }
  | { outcome: 'failed'; cause: string; error: string }
  /** Says nothing about the role: a role that was verified stays so. */
  | { outcome: 'undecided'; cause: string; error: string };

/** Keeps a result, if nobody asked again meanwhile. A failure's next time was set when it was claimed. */
export async function settleVerification(
  database: Queryable,
  key: { integrationId: string; accountId: string; ask: string },
  result: VerificationResult,
): Promise<void> {
  const identity = [key.integrationId, key.accountId, key.ask];
  switch (result.outcome) {
    case 'verified':
      await database.query(
        `UPDATE discovery.members
            SET verification = 'verified', verified_at = clock_timestamp(), used_previous_external_id = $4,
                negative_checked_at = CASE WHEN $5 THEN clock_timestamp() ELSE negative_checked_at END,
                refusals = 0, attempts = 0, last_error = NULL, due_at = clock_timestamp() + make_interval(secs => $6)
          WHERE integration_id = $1 AND account_id = $2 AND ask = $3`,
        [...identity, result.usedPreviousExternalId, result.negativeChecked, result.nextAfterSeconds],
      );
      return;
    case 'refused-once':
      await database.query(
        `UPDATE discovery.members
            SET refusals = refusals + 1, last_error = $4, due_at = clock_timestamp() + make_interval(secs => $5)
          WHERE integration_id = $1 AND account_id = $2 AND ask = $3`,
        [...identity, result.error, result.nextAfterSeconds],
      );
      return;
    case 'failed':
      await database.query(
        `UPDATE discovery.members SET verification = $4, refusals = refusals + 1, last_error = $5
          WHERE integration_id = $1 AND account_id = $2 AND ask = $3`,
        [...identity, result.cause, result.error],
      );
      return;
    case 'undecided':
      await database.query(
        `UPDATE discovery.members
            SET verification = CASE WHEN verification = 'verified' OR verification = ANY ($6) THEN verification ELSE $4 END, last_error = $5
          WHERE integration_id = $1 AND account_id = $2 AND ask = $3`,
        // A role that was found wrong stays so while AWS does not answer.
        [...identity, result.cause, result.error, roleFailures],
      );
  }
}
