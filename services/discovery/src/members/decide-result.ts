import type { RoleAnswer } from '@orgtrail/aws';
import type { StoredMember } from './member.js';
import type { VerificationResult } from './sql/settle-verification.js';

/** A verified role is verified again after about so long. */
const reverifySeconds = 12 * 3600;
/** A role that worked and is refused is asked again after so long, before it counts as failed: policies propagate slowly. */
const secondRefusalSeconds = 60;

/** What an answer of AWS means for the member. Pure; `random` in [0, 1) spreads members over time. */
export function decideResult(
  member: Pick<StoredMember, 'verification' | 'refusals'>,
  answer: RoleAnswer,
  random: number,
): VerificationResult {
  switch (answer.outcome) {
    case 'verified':
      return {
        outcome: 'verified',
        usedPreviousExternalId: answer.usedPreviousExternalId,
        negativeChecked: answer.negativeChecked,
        nextAfterSeconds: reverifySeconds * (0.9 + random / 5),
      };
    case 'failed':
      return answer.cause === 'ROLE_NOT_ASSUMABLE' && member.verification === 'verified' && member.refusals === 0
        ? { outcome: 'refused-once', error: answer.detail, nextAfterSeconds: secondRefusalSeconds }
        : { outcome: 'failed', cause: answer.cause, error: answer.detail };
    case 'undecided':
      return { outcome: 'undecided', cause: answer.cause, error: answer.detail };
  }
}
