import { AwsError } from './errors.js';
import type { RoleAnswer, RoleFailure, TransientFailure } from './role-answer.js';
import { IntermediateRoleFailure } from './role-sessions.js';

export const failed = (cause: RoleFailure, detail: string): RoleAnswer => ({ outcome: 'failed', cause, detail });
const undecided = (cause: TransientFailure, detail: string): RoleAnswer => ({ outcome: 'undecided', cause, detail });

/** What an error of AWS says about a role. Anything else than an error of AWS is thrown again. */
export function judgeRoleError(thrown: unknown): RoleAnswer {
  const ofIntermediate = thrown instanceof IntermediateRoleFailure;
  const error = ofIntermediate ? thrown.cause : thrown;
  if (!(error instanceof AwsError)) throw thrown;
  const { message } = error;
  const assuming = error.operation === 'AssumeRole';
  switch (error.kind) {
    case 'denied':
      if (ofIntermediate) return failed('INTERMEDIATE_ROLE_NOT_ASSUMABLE', message);
      return failed(assuming ? 'ROLE_NOT_ASSUMABLE' : 'MISSING_PERMISSION', message);
    case 'not-in-organization':
      return failed('NOT_IN_ORGANIZATION', message);
    case 'invalid':
    case 'not-found':
      if (error.code === 'RegionDisabledException') return failed('REGION_DISABLED', message);
      if (ofIntermediate) return failed('INTERMEDIATE_ROLE_NOT_ASSUMABLE', message);
      // A read may be refused for what happens around it (ConcurrentModificationException): the role is not to blame.
      return assuming ? failed('INVALID_ROLE', message) : undecided('AWS_UNAVAILABLE', message);
    case 'credentials':
      return undecided('OWN_CREDENTIALS', message);
    case 'throttled':
      return undecided('AWS_THROTTLED', message);
    case 'unreachable':
      return undecided('AWS_UNREACHABLE', message);
    case 'malformed':
    case 'unavailable':
    case 'page-token-expired':
      return undecided('AWS_UNAVAILABLE', message);
  }
}
