import type pg from 'pg';
import { parseSubjectKey, type SubjectKey } from '../../subjects.js';
import { decodeState, type StoredParts } from '../stored-parts.js';
import type { GoneReason, SubjectState, Version } from '../subject-state.js';

export interface LockedSubject {
  subject: SubjectKey;
  state: SubjectState;
  subjectVersion: Version;
  /** 0: it was there before anybody watched. */
  appearedVersion: Version;
}

/** Locks the rows of these subjects (creating empty ones) in key order, so that two merges never wait for each other in a circle. */
export async function lockSubjects(
  client: pg.PoolClient,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<Map<SubjectKey, LockedSubject>> {
  const sorted = [...new Set(subjects)].sort();
  await client.query(
    `INSERT INTO discovery.observed_subjects (integration_id, subject, kind)
     SELECT $1, wanted.subject, wanted.kind FROM unnest($2::text[], $3::text[]) AS wanted (subject, kind)
      ORDER BY wanted.subject COLLATE "C"
         ON CONFLICT DO NOTHING`,
    [integrationId, sorted, sorted.map((subject) => parseSubjectKey(subject).kind)],
  );
  const { rows } = await client.query<{
    subject: SubjectKey;
    parts: StoredParts;
    gone_version: string;
    gone_reason: GoneReason | null;
    subject_version: string;
    appeared_version: string;
  }>(
    `SELECT subject, parts, gone_version, gone_reason, subject_version, appeared_version
       FROM discovery.observed_subjects
      WHERE integration_id = $1 AND subject = ANY ($2)
      ORDER BY subject COLLATE "C"
        FOR UPDATE`,
    [integrationId, sorted],
  );
  return new Map(
    rows.map((row) => [
      row.subject,
      {
        subject: row.subject,
        state: decodeState(row.parts, row.gone_version, row.gone_reason),
        subjectVersion: BigInt(row.subject_version),
        appearedVersion: BigInt(row.appeared_version),
      },
    ]),
  );
}
