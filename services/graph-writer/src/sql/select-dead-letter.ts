import type { Queryable } from '@orgtrail/database';
import type { StoredHeaders } from '../dead-letters/dead-letter.js';
import { deadLetterColumns, type DeadLetterRow } from './select-dead-letters.js';

/** A dead letter with the record that failed. */
export interface WholeDeadLetter extends DeadLetterRow {
  recordValue: Buffer | null;
  headers: StoredHeaders;
}

export async function selectDeadLetter(database: Queryable, id: string): Promise<WholeDeadLetter | undefined> {
  const { rows } = await database.query<WholeDeadLetter>(
    `SELECT ${deadLetterColumns}, record_value AS "recordValue", headers FROM graph.dead_letters WHERE id = $1`,
    [id],
  );
  return rows[0];
}
