import type { IncomingRecord } from '@orgtrail/messaging';
import type { PendingChange, ScopeChange } from './change.js';
import type { DeadLetter } from './dead-letters/dead-letter.js';
import type { RecordFailure } from './record-failure.js';

/** A record as far as it could be read: a change, a dead letter of another service, or why it is neither. */
export type ReadRecord =
  | { record: IncomingRecord; change: PendingChange }
  | { record: IncomingRecord; scopeChange: ScopeChange }
  | { record: IncomingRecord; letter: DeadLetter }
  | { record: IncomingRecord; failure: RecordFailure };
