import type { EventContext } from './event-kind.js';
import { accountIdAt, findAccountIds } from './payload.js';
import type { CloudTrailRecord } from './record.js';

/** More ids than this in one membership event, and guessing is dearer than reading everything. */
const mostCandidates = 3;

/**
 * The members that a membership event is about. Where their id stands is not documented, so what is named `accountId` counts first, then
 * any account id in the payload. Empty: none, or too many to guess.
 */
export function membersNamedBy(record: CloudTrailRecord, { managementAccountId }: EventContext): string[] {
  const named = accountIdAt(record.serviceEventDetails, 'accountId');
  if (named !== undefined && named !== managementAccountId) return [named];
  const { serviceEventDetails, requestParameters, responseElements } = record;
  const found = findAccountIds(
    [serviceEventDetails, requestParameters, responseElements],
    managementAccountId,
    mostCandidates + 1,
  );
  return found.length > mostCandidates ? [] : found;
}
