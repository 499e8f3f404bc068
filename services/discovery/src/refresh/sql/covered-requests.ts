import type { Queryable } from '@orgtrail/database';
import type { Version } from '../../observed/subject-state.js';
import type { SubjectKey } from '../../subjects.js';
import type { DueRequest } from './due-requests.js';

/**
 * Which of these noted requests a sync at `version` answered whole: all their parts were read since then, and tags are none of them
 * (invariant 12). The requests were noted before the version was drawn.
 */
export async function coveredRequests<Request extends Pick<DueRequest, 'subject' | 'parts'>>(
  database: Queryable,
  integrationId: string,
  { noted, version }: { noted: readonly Request[]; version: Version },
): Promise<Request[]> {
  const candidates = noted.filter(({ parts }) => !parts.includes('tags'));
  if (candidates.length === 0) return [];
  const { rows } = await database.query<{ subject: SubjectKey; read: string[] }>(
    `SELECT subject, ARRAY(SELECT part.key FROM jsonb_each(parts) AS part WHERE (part.value->>'version')::bigint >= $3) AS read
       FROM discovery.observed_subjects WHERE integration_id = $1 AND subject = ANY ($2) AND live`,
    [integrationId, candidates.map(({ subject }) => subject), version.toString()],
  );
  const read = new Map(rows.map((row) => [row.subject, row.read]));
  return candidates.filter(({ subject, parts }) => parts.every((part) => read.get(subject)?.includes(part) === true));
}
