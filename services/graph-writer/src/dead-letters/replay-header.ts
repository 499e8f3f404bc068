import type { StoredHeaders } from './dead-letter.js';

/** Header of a record that is published again: the number of its dead letter. */
export const replayHeader = 'orgtrail-replay-of';

/** The dead letter whose replay this record was. */
export function replayedFrom(headers: StoredHeaders): string | null {
  const value = headers[replayHeader];
  return typeof value === 'string' && /^[1-9]\d{0,17}$/.test(value) ? value : null;
}
