import type { OrganizationReader, RootRead } from '@orgtrail/aws';
import type { SubjectReads } from '../observed/record-reads.js';
import type { ListedSubjects } from './listed-subjects.js';
import { isFatal, messageOf } from './optional-read.js';
import type { ProgressMeter } from './sync-progress.js';

/** Every root and OU, with the ids from the root down to itself, both included. */
export type Nodes = ReadonlyMap<string, readonly string[]>;

export interface WalkOptions {
  listed: ListedSubjects;
  add(subjects: readonly SubjectReads[]): Promise<void>;
  incompleteBecause: string[];
  meter: ProgressMeter;
}

/**
 * Every OU below these roots, by one ListOrganizationalUnitsForParent per node. No level waits for the one above it to be whole, so the
 * operation's budget is never idle.
 */
export async function walkUnits(reader: OrganizationReader, roots: readonly RootRead[], options: WalkOptions): Promise<Nodes> {
  const { listed, add, incompleteBecause, meter } = options;
  const nodes = new Map<string, readonly string[]>(roots.map(({ id }) => [id, [id]]));
  let nodesListed = 0;
  const childrenOf = async (parentId: string) => {
    try {
      return await reader.listOrganizationalUnitsForParent(parentId, ({ message }) => {
        incompleteBecause.push(`an OU below ${parentId} could not be read: ${message}`);
      });
    } catch (error) {
      if (isFatal(error)) throw error;
      incompleteBecause.push(`the OUs below ${parentId} could not be listed: ${messageOf(error)}`);
      return [];
    }
  };
  const walk = async (parentId: string, ancestorIds: readonly string[]): Promise<void> => {
    const units = await childrenOf(parentId);
    nodesListed += 1;
    const below = units.map(({ id }) => ({ id, path: [...ancestorIds, id] }));
    for (const { id, path } of below) nodes.set(id, path);
    meter.note({
      organizationalUnits: nodes.size - roots.length,
      nodesListed,
      nodesExpected: Math.max(meter.counts.nodesExpected, nodes.size),
    });
    const placement = { parentId, ancestorIds: [...ancestorIds] };
    await Promise.all([
      add(units.map((unit) => listed.organizationalUnit(unit, placement))),
      ...below.map(({ id, path }) => walk(id, path)),
    ]);
  };
  await Promise.all(roots.map(({ id }) => walk(id, [id])));
  meter.note({ nodesExpected: nodes.size });
  return nodes;
}
