import type { Queryable } from '@orgtrail/database';
import type { SubjectChange } from '../../observed/merge.js';
import type { SubjectKey } from '../../subjects.js';
import { foundKindsOf } from '../found-change-kinds.js';

/** Notes changes that no event has explained so far, one for each part that changed. */
export async function noteFoundChanges(
  database: Queryable,
  integrationId: string,
  found: readonly { subject: SubjectKey; change: SubjectChange; isCoreUnannounceable?: boolean }[],
  subjectVersion: bigint,
): Promise<void> {
  if (found.length === 0) return;
  const noted = found.flatMap(({ subject, change, isCoreUnannounceable }) =>
    foundKindsOf(change).map((kind) => ({
      subject,
      kind,
      outcome: kind === 'updated-core' && isCoreUnannounceable === true ? 'unannounceable' : 'open',
    })),
  );
  await database.query(
    `INSERT INTO discovery.found_changes (integration_id, subject, subject_version, kind, outcome)
     SELECT $1, found.subject, $5, found.kind, found.outcome
       FROM unnest($2::text[], $3::text[], $4::text[]) AS found (subject, kind, outcome)
         ON CONFLICT DO NOTHING`,
    [
      integrationId,
      noted.map(({ subject }) => subject),
      noted.map(({ kind }) => kind),
      noted.map(({ outcome }) => outcome),
      subjectVersion.toString(),
    ],
  );
}
