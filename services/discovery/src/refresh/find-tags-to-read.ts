import type pg from 'pg';
import type { Version } from '../observed/subject-state.js';
import { compareTags, sampleTags, subjectsWithTags } from '../observed/sql/compare-tags.js';
import type { SubjectKey } from '../subjects.js';
import type { Asking } from './sql/ask-refresh.js';
import type { SyncKind } from './sync-kind.js';

/** Part of the organization's tags that every full sync reads by ListTagsForResource, to measure the index. */
const sampleShare = 0.02;

export interface TagReads {
  askings: Asking[];
  /** Subjects whose tags were read before, so that the index can be compared with them. */
  compared: number;
  /** Those of them that the index knows otherwise; absent where the index proves nothing. */
  drift?: number;
}

/**
 * Which tags have to be read by ListTagsForResource after a sync at `version`: the bulk index only finds differences (invariant 12). Tags
 * that were never read are asked for where they are merged.
 */
export async function findTagsToRead(
  pool: pg.Pool,
  integrationId: string,
  sync: { kind: SyncKind; version: Version; tagIndexSize: number | undefined },
): Promise<TagReads> {
  const { kind, version, tagIndexSize } = sync;
  const asking = (reason: Asking['reason']) => (subject: SubjectKey) => ({ subject, parts: ['tags'] as const, reason });
  // Denied, failed, or nothing for the whole organization: the index proves nothing here.
  if (tagIndexSize === undefined || tagIndexSize === 0) {
    // One call for each account is no light sync.
    const all = kind === 'full' ? await subjectsWithTags(pool, integrationId, version) : [];
    return { askings: all.map(asking('no-index')), compared: 0 };
  }
  const { compared, differing } = await compareTags(pool, integrationId, version);
  const size = kind === 'full' ? Math.ceil(compared * sampleShare) : 0;
  const sample = size === 0 ? [] : await sampleTags(pool, integrationId, { version, size });
  return {
    askings: [...differing.map(asking('index-differs')), ...sample.map(asking('sample'))],
    compared,
    drift: differing.length,
  };
}
