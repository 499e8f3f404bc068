import type { Queryable } from '@orgtrail/database';
import { decodeState, type StoredParts } from '../../observed/stored-parts.js';
import { effectiveTags, type RootCore } from '../../observed/subject-state.js';
import { parseSubjectKey, type SubjectKey } from '../../subjects.js';
import type { NodeAbove } from '../facts.js';

/** Live roots and organizational units by id, with their tags. */
export async function nodesAbove(database: Queryable, integrationId: string): Promise<Map<string, NodeAbove>> {
  const { rows } = await database.query<{ subject: SubjectKey; parts: StoredParts }>(
    `SELECT subject, parts FROM discovery.observed_subjects WHERE integration_id = $1 AND live AND kind IN ('root', 'ou')`,
    [integrationId],
  );
  return new Map(
    rows.map(({ subject, parts }) => {
      const { id } = parseSubjectKey(subject);
      const state = decodeState(parts, '0', null);
      return [
        id,
        {
          id,
          name: (state.parts.core?.value as RootCore | undefined)?.name ?? id,
          tags: effectiveTags(state)?.values,
          tagsRead: state.parts.tags !== undefined,
        },
      ];
    }),
  );
}
