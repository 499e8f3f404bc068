import type { Queryable } from '@orgtrail/database';
import type { SubjectKey, SubjectKind } from '../../subjects.js';
import { decodeState, type StoredParts } from '../stored-parts.js';
import type { SubjectState } from '../subject-state.js';

/** Every live subject of an integration, with its state. */
export async function liveSubjects(
  database: Queryable,
  integrationId: string,
  kinds?: readonly SubjectKind[],
): Promise<Map<SubjectKey, SubjectState>> {
  const { rows } = await database.query<{ subject: SubjectKey; parts: StoredParts; gone_version: string }>(
    `SELECT subject, parts, gone_version FROM discovery.observed_subjects
      WHERE integration_id = $1 AND live AND ($2::text[] IS NULL OR kind = ANY ($2))`,
    [integrationId, kinds ?? null],
  );
  return new Map(rows.map((row) => [row.subject, decodeState(row.parts, row.gone_version, null)]));
}
