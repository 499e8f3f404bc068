import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';
import { decodeState, type StoredParts } from '../stored-parts.js';
import type { GoneReason, SubjectState, Version } from '../subject-state.js';
import type { StoredCause } from './store-subjects.js';

export interface UnpublishedSubject {
  subject: SubjectKey;
  state: SubjectState;
  subjectVersion: Version;
  cause?: StoredCause;
  baseline: boolean;
  observedAt: Date;
}

/** Subjects whose newest version the bus has not acknowledged, oldest version first. */
export async function unpublishedSubjects(
  database: Queryable,
  integrationId: string,
  limit: number,
): Promise<UnpublishedSubject[]> {
  const { rows } = await database.query<{
    subject: SubjectKey;
    parts: StoredParts;
    gone_version: string;
    gone_reason: GoneReason | null;
    subject_version: string;
    cause: StoredCause | null;
    baseline: boolean;
    observed_at: Date;
  }>(
    `SELECT subject, parts, gone_version, gone_reason, subject_version, cause, baseline, observed_at
       FROM discovery.observed_subjects
      WHERE integration_id = $1 AND published_version < subject_version
      ORDER BY subject_version
      LIMIT $2`,
    [integrationId, limit],
  );
  return rows.map((row) => ({
    subject: row.subject,
    state: decodeState(row.parts, row.gone_version, row.gone_reason),
    subjectVersion: BigInt(row.subject_version),
    ...(row.cause === null ? {} : { cause: row.cause }),
    baseline: row.baseline,
    observedAt: row.observed_at,
  }));
}
