import type { Queryable } from '@orgtrail/database';
import type { MemberView } from '../../members/member.js';
import type { SubjectKey } from '../../subjects.js';
import { decodeState, type StoredParts } from '../stored-parts.js';
import type { GoneReason, SubjectState, Version } from '../subject-state.js';
import type { FoundBy, StoredCause } from './store-subjects.js';

export interface UnpublishedSubject {
  subject: SubjectKey;
  state: SubjectState;
  subjectVersion: Version;
  cause?: StoredCause;
  /** Where no event explains it. */
  foundBy?: FoundBy;
  baseline: boolean;
  observedAt: Date;
  /** Of an account that is configured. */
  member?: MemberView;
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
    found_by: FoundBy | null;
    baseline: boolean;
    observed_at: Date;
    member_status: MemberView['status'] | null;
    member_cause: MemberView['cause'] | null;
    member_reason: string;
    member_since: Date;
    member_warnings: string[];
    member_changed_by: MemberView['changedBy'] | null;
    member_role_arn: string | null;
  }>(
    `SELECT observed.subject, observed.parts, observed.gone_version, observed.gone_reason, observed.subject_version, observed.cause,
            observed.found_by, observed.baseline, observed.observed_at, member.status AS member_status, member.cause AS member_cause,
            member.reason AS member_reason, member.since AS member_since, member.warnings AS member_warnings,
            member.changed_by AS member_changed_by, member.role_arn AS member_role_arn
       FROM discovery.observed_subjects AS observed
       LEFT JOIN discovery.members AS member
              ON member.integration_id = observed.integration_id AND observed.subject = 'account:' || member.account_id
      WHERE observed.integration_id = $1 AND observed.published_version < observed.subject_version
      ORDER BY observed.subject_version
      LIMIT $2`,
    [integrationId, limit],
  );
  return rows.map((row) => ({
    subject: row.subject,
    state: decodeState(row.parts, row.gone_version, row.gone_reason),
    subjectVersion: BigInt(row.subject_version),
    ...(row.cause === null ? {} : { cause: row.cause }),
    ...(row.found_by === null || row.cause !== null ? {} : { foundBy: row.found_by }),
    baseline: row.baseline,
    observedAt: row.observed_at,
    ...(row.member_status === null
      ? {}
      : {
          member: {
            status: row.member_status,
            ...(row.member_cause ? { cause: row.member_cause } : {}),
            reason: row.member_reason,
            since: row.member_since,
            warnings: row.member_warnings,
            ...(row.member_changed_by ? { changedBy: row.member_changed_by } : {}),
            ...(row.member_role_arn === null ? {} : { roleArn: row.member_role_arn }),
          },
        }),
  }));
}
