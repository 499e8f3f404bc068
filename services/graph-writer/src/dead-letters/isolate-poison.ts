import { isPoison } from '@orgtrail/database';
import type { ReadRecord } from '../read-record.js';
import { failureOfRefusal } from '../record-failure.js';

/**
 * Applies records together; when Postgres refuses one of them for its content, halves them, in order, until the one stands alone:
 * it is applied as a dead letter, and the others as what they are. Any other error is thrown.
 */
export async function isolatePoison(
  records: readonly ReadRecord[],
  apply: (records: readonly ReadRecord[]) => Promise<void>,
): Promise<void> {
  try {
    await apply(records);
  } catch (error) {
    const [only] = records;
    if (!isPoison(error) || only === undefined) throw error;
    if (records.length > 1) {
      const middle = Math.ceil(records.length / 2);
      await isolatePoison(records.slice(0, middle), apply);
      await isolatePoison(records.slice(middle), apply);
      return;
    }
    // The dead letter itself was refused: that is no longer the record's fault.
    if ('failure' in only) throw error;
    await apply([{ record: only.record, failure: failureOfRefusal(error) }]);
  }
}
