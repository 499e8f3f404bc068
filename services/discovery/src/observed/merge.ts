import { isDeepStrictEqual } from 'node:util';
import type { Part } from '../subjects.js';
import { effectiveTags, isLive, type PartRead, type SubjectState } from './subject-state.js';

/** What a merge changed in what we publish, as far as it matters to people and to attribution. */
export interface SubjectChange {
  /**
   * `filled`: a part of a live subject was read for the first time, so our knowledge changed, not the organization.
   * `none`: nothing that is published changed (versions may have advanced).
   */
  kind: 'created' | 'updated' | 'filled' | 'ended' | 'none';
  changedParts: readonly Part[];
  /** Names of the changed members of the core, for attribution. */
  changedFields: readonly string[];
}

/** Something happened to the organization; not only to what we know about it. */
export function isChangeOfTheOrganization(change: SubjectChange): boolean {
  return change.kind === 'created' || change.kind === 'updated' || change.kind === 'ended';
}

export interface Merged {
  state: SubjectState;
  change: SubjectChange;
}

/**
 * Merges reads into a subject. Pure, and commutative, associative and idempotent in the reads: each part keeps the value of its
 * greatest version, `goneVersion` keeps the greatest "not found", and parts that are not newer than it are forgotten.
 */
export function mergeReads(before: SubjectState, reads: readonly PartRead[]): Merged {
  const parts = { ...before.parts };
  let { goneVersion, goneReason } = before;

  for (const read of reads) {
    switch (read.part) {
      case 'existence':
        if (read.version > goneVersion) {
          goneVersion = read.version;
          goneReason = read.gone;
        }
        break;
      case 'core':
        if (read.version > (parts.core?.version ?? 0n)) parts.core = { version: read.version, value: read.value };
        break;
      case 'placement':
        if (read.version > (parts.placement?.version ?? 0n)) parts.placement = { version: read.version, value: read.value };
        break;
      case 'tags':
      case 'tagIndex':
        if (read.version > (parts[read.part]?.version ?? 0n)) parts[read.part] = { version: read.version, value: read.value };
        break;
      default:
        read satisfies never;
    }
  }
  for (const part of ['core', 'placement', 'tags', 'tagIndex'] as const) {
    if ((parts[part]?.version ?? 0n) <= goneVersion) Reflect.deleteProperty(parts, part);
  }
  const state: SubjectState = { parts, goneVersion, ...(goneReason === undefined ? {} : { goneReason }) };
  return { state, change: compare(before, state) };
}

function compare(before: SubjectState, after: SubjectState): SubjectChange {
  const none: SubjectChange = { kind: 'none', changedParts: [], changedFields: [] };
  if (!isLive(before) && !isLive(after)) {
    // The first "not found" about an unknown key is published too: an older "present" must not revive it later.
    const firstTombstone = before.goneVersion === 0n && after.goneVersion > 0n;
    return firstTombstone ? { ...none, kind: 'ended' } : none;
  }
  if (!isLive(before)) return { kind: 'created', changedParts: ['core'], changedFields: [] };
  if (!isLive(after)) return { kind: 'ended', changedParts: ['core'], changedFields: [] };

  const changedFields = differingKeys(before.parts.core?.value ?? {}, after.parts.core?.value ?? {});
  const known: Record<Part, [unknown, unknown]> = {
    core: [before.parts.core?.value, after.parts.core?.value],
    placement: [before.parts.placement?.value.parentId, after.parts.placement?.value.parentId],
    // What the index said is no reading: tags that are read after it are read for the first time, whatever they are.
    tags: [firstTagsRead(before, after) ? undefined : effectiveTags(before)?.values, effectiveTags(after)?.values],
  };
  // The index marker, the path above an unchanged parent: published, but not a change of the organization.
  const finePrint = !isDeepStrictEqual(
    [before.parts.placement?.value.ancestorIds, effectiveTags(before)?.fromIndex],
    [after.parts.placement?.value.ancestorIds, effectiveTags(after)?.fromIndex],
  );
  const changed = (Object.keys(known) as Part[]).filter((part) => !isDeepStrictEqual(...known[part]));
  if (changed.length === 0) return finePrint ? { ...none, kind: 'filled' } : none;
  const knownBefore = changed.filter((part) => known[part][0] !== undefined);
  // An address that was withheld before, or is from now on: our knowledge, not the organization.
  const onlyEmailKnown =
    changed.length === 1 &&
    changed[0] === 'core' &&
    changedFields.every(
      (field) => emailFields.has(field) && (fieldOf(before, field) === undefined || fieldOf(after, field) === undefined),
    );
  if (knownBefore.length === 0 || onlyEmailKnown) return { kind: 'filled', changedParts: changed, changedFields };
  return { kind: 'updated', changedParts: knownBefore, changedFields };
}

function firstTagsRead(before: SubjectState, after: SubjectState): boolean {
  return before.parts.tags === undefined && after.parts.tags !== undefined;
}

const emailFields: ReadonlySet<string> = new Set(['email', 'managementAccountEmail']);

function fieldOf(state: SubjectState, field: string): unknown {
  return (state.parts.core?.value as Record<string, unknown> | undefined)?.[field];
}

function differingKeys(before: object, after: object): string[] {
  const [left, right] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((key) => !isDeepStrictEqual(left[key], right[key]));
}
