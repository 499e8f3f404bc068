import type { SubjectChange } from '../observed/merge.js';
import type { AccountCore, SubjectState } from '../observed/subject-state.js';

/**
 * Whether the core changed only in what AWS does by itself and announces nowhere: it suspends and reinstates accounts, ends their
 * activation, and completes their closure. Pure.
 */
export function isUnannounceable(before: SubjectState, after: SubjectState, { changedFields }: SubjectChange): boolean {
  const [from, to] = [before, after].map(({ parts }) => (parts.core?.value as Partial<AccountCore> | undefined)?.state);
  return (
    changedFields.length === 1 &&
    changedFields[0] === 'state' &&
    (from === 'SUSPENDED' ||
      to === 'SUSPENDED' ||
      (from === 'PENDING_ACTIVATION' && to === 'ACTIVE') ||
      (from === 'PENDING_CLOSURE' && to === 'CLOSED'))
  );
}
