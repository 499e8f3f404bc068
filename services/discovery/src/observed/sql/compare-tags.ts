import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';
import type { Version } from '../subject-state.js';

export interface ComparedTags {
  /** Subjects whose tags were read before, so that the index can be compared with them. */
  compared: number;
  /** Those of them that the index knows otherwise. */
  differing: SubjectKey[];
}

/**
 * The subjects that a sync at `version` read or that its tag index named, as far as their tags were ever read by ListTagsForResource. The
 * index counts only as of this version; where it names nothing of a subject that was read, it says that there are no tags.
 */
const readBefore = `
  SELECT subject, (parts #>> '{tags,version}')::bigint AS tags_version, parts #> '{tags,value}' AS tags,
         CASE WHEN parts #>> '{tagIndex,version}' = $2 THEN parts #> '{tagIndex,value}' ELSE '{}' END AS indexed
    FROM discovery.observed_subjects
   WHERE integration_id = $1 AND live AND kind IN ('account', 'ou', 'root') AND parts ? 'tags'
     AND ((parts #>> '{core,version}')::bigint >= $2::bigint OR parts #>> '{tagIndex,version}' = $2)`;

/** Where the bulk index of this sync differs from the tags that were read: the index only finds differences (invariant 12). */
export async function compareTags(database: Queryable, integrationId: string, version: Version): Promise<ComparedTags> {
  const { rows } = await database.query<{ compared: number; differing: SubjectKey[] | null }>(
    `SELECT count(*)::int AS compared, array_agg(subject) FILTER (WHERE tags <> indexed) AS differing FROM (${readBefore}) AS known`,
    [integrationId, version.toString()],
  );
  return { compared: rows[0]?.compared ?? 0, differing: rows[0]?.differing ?? [] };
}

/** Those that agree with the index, the longest unread first: the sample by which it is measured. */
export async function sampleTags(
  database: Queryable,
  integrationId: string,
  sample: { version: Version; size: number },
): Promise<SubjectKey[]> {
  const { rows } = await database.query<{ subject: SubjectKey }>(
    `SELECT subject FROM (${readBefore}) AS known WHERE tags = indexed ORDER BY tags_version, subject COLLATE "C" LIMIT $3`,
    [integrationId, sample.version.toString(), sample.size],
  );
  return rows.map(({ subject }) => subject);
}

/** Everything that a sync at `version` read and whose tags were read before: where the index proves nothing, each is read again. */
export async function subjectsWithTags(database: Queryable, integrationId: string, version: Version): Promise<SubjectKey[]> {
  const { rows } = await database.query<{ subject: SubjectKey }>(`SELECT subject FROM (${readBefore}) AS known`, [
    integrationId,
    version.toString(),
  ]);
  return rows.map(({ subject }) => subject);
}
