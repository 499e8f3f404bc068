import type { OrganizationReader } from '@orgtrail/aws';
import type pg from 'pg';
import type { SubjectReads } from '../observed/record-reads.js';
import { liveSubjects } from '../observed/sql/live-subjects.js';
import type { Version } from '../observed/subject-state.js';
import { parseSubjectKey } from '../subjects.js';
import { listedSubjects } from './listed-subjects.js';

/** Walks over all OUs below the roots that are known, and passes them on as they are found. Rejects when a node cannot be listed. */
export async function walkUnitsBelow(options: {
  pool: pg.Pool;
  integrationId: string;
  reader: OrganizationReader;
  version: Version;
  add(named: readonly SubjectReads[]): void;
}): Promise<void> {
  const { pool, integrationId, reader, version, add } = options;
  const listed = listedSubjects(version);
  const walk = async (parentId: string, ancestorIds: readonly string[]): Promise<void> => {
    const units = await reader.listOrganizationalUnitsForParent(parentId);
    add(units.map((unit) => listed.organizationalUnit(unit, { parentId, ancestorIds: [...ancestorIds] })));
    await Promise.all(units.map(({ id }) => walk(id, [...ancestorIds, id])));
  };
  const roots = await liveSubjects(pool, integrationId, ['root']);
  await Promise.all([...roots.keys()].map(parseSubjectKey).map(({ id }) => walk(id, [id])));
}
