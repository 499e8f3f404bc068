import type { Departure } from '../events/hint.js';
import { cameAt } from '../refresh/departure-stands.js';
import { parseSubjectKey, type SubjectKey, type SubjectKind } from '../subjects.js';
import type { StoredCause } from './sql/store-subjects.js';
import { isLive, type SubjectState } from './subject-state.js';

interface Ended {
  subject: SubjectKey;
  before: { state: SubjectState; appearedVersion: bigint };
  state: SubjectState;
  /** Events that asked for the reading. */
  causes?: readonly StoredCause[];
  cause: StoredCause | undefined;
}

/** What a departure can be said of. */
const kinds: Readonly<Record<Departure, SubjectKind>> = {
  LEFT: 'account',
  REMOVED: 'account',
  CLEANED: 'account',
  OU_DELETED: 'ou',
};

/**
 * AWS says that something is not found, and never why; an event that told of the departure does. The event ends nothing by itself: it only gives
 * the reason of what AWS did not find. Once explained, an ending stays so while the subject stays gone. `isExplainedLate`: the event came after
 * the ending, which has to be published again, with this cause. Pure.
 */
export function explainEnding<T extends Ended>(entry: T): T & { isExplainedLate: boolean } {
  const { before, state } = entry;
  const asItIs = { ...entry, isExplainedLate: false };
  if (isLive(state) || state.goneReason !== 'not-found') return asItIs;
  const wasGone = !isLive(before.state) && before.state.goneVersion > 0n;
  const known = wasGone ? before.state.goneReason : undefined;
  if (known !== undefined && known in kinds) return { ...asItIs, state: { ...state, goneReason: known } };
  const telling = tellingOf(entry);
  if (telling?.departure === undefined) return asItIs;
  return {
    ...entry,
    state: { ...state, goneReason: telling.departure },
    cause: wasGone ? telling : (entry.cause ?? telling),
    isExplainedLate: wasGone,
  };
}

/**
 * The newest event that tells how the subject went, of those since it came; one that names who acted before one that does not. CloudTrail's times are
 * whole seconds: what came and went in the same second is gone, as AWS said.
 */
function tellingOf({ subject, before, causes = [], cause }: Ended): StoredCause | undefined {
  const candidates = cause === undefined || causes.includes(cause) ? causes : [...causes, cause];
  const { kind } = parseSubjectKey(subject);
  const came = Math.max(cameAt(candidates), Math.floor(Number(before.appearedVersion / 1_000_000n)) * 1000);
  const telling = candidates.filter(
    ({ departure, eventTime, receivedAt }) =>
      departure !== undefined && kinds[departure] === kind && !(Date.parse(eventTime ?? receivedAt ?? '') < came),
  );
  const byPrincipal = telling.filter(({ principalArn }) => principalArn !== undefined);
  return (byPrincipal.length > 0 ? byPrincipal : telling)
    .toSorted((left, right) => (left.eventTime ?? '').localeCompare(right.eventTime ?? ''))
    .at(-1);
}
