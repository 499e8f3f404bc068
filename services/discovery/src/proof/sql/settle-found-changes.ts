import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';
import { foundKindsExplainedBy } from '../found-change-kinds.js';

/** Events name these subjects: what was found about them shortly before, and what such events can cause, is explained. */
export async function explainFoundChanges(
  database: Queryable,
  integrationId: string,
  named: readonly { subject: SubjectKey; causes: readonly { eventId: string; eventName: string }[] }[],
): Promise<void> {
  const explained = named.flatMap(({ subject, causes }) =>
    causes.flatMap((cause) => foundKindsExplainedBy(cause).map((kind) => ({ subject, kind }))),
  );
  if (explained.length === 0) return;
  await database.query(
    `UPDATE discovery.found_changes AS found SET outcome = 'explained'
       FROM (SELECT DISTINCT subject, kind FROM unnest($2::text[], $3::text[]) AS named (subject, kind)) AS named
      WHERE found.integration_id = $1 AND found.outcome = 'open' AND (found.subject, found.kind) = (named.subject, named.kind)`,
    [integrationId, explained.map(({ subject }) => subject), explained.map(({ kind }) => kind)],
  );
}

/** What no event has named within the window was missed. Returns how many, per kind, since the last call. */
export async function settleMissedChanges(
  database: Queryable,
  integrationId: string,
  windowSeconds: number,
): Promise<{ kind: string; count: number }[]> {
  const { rows } = await database.query<{ kind: string; count: number }>(
    `WITH missed AS (
       UPDATE discovery.found_changes SET outcome = 'missed'
        WHERE integration_id = $1 AND outcome = 'open' AND found_at < clock_timestamp() - make_interval(secs => $2)
    RETURNING kind)
     SELECT kind, count(*)::int AS count FROM missed GROUP BY kind ORDER BY kind`,
    [integrationId, windowSeconds],
  );
  return rows;
}
