import type { OrganizationReader } from '@orgtrail/aws';
import type { Placement } from '../observed/subject-state.js';

export interface ParentsContext {
  reader: Pick<OrganizationReader, 'listParents'>;
  /** The ids from the root down to this OU or root, both included, as far as they are known without another call. */
  ancestorsOf(parentId: string): Promise<readonly string[] | undefined>;
}

/** Where AWS gives no path: the parent by its own call, and the way up to the root. Undefined where it names no parent, or several. */
export async function placementByParents(context: ParentsContext, childId: string): Promise<Placement | undefined> {
  const [parent, ...others] = await context.reader.listParents(childId);
  if (!parent || others.length > 0) return undefined;
  if (parent.type === 'ROOT') return { parentId: parent.id, ancestorIds: [parent.id] };
  const known = await context.ancestorsOf(parent.id);
  if (known) return { parentId: parent.id, ancestorIds: [...known] };
  // AWS allows five levels below the root, so this recursion is short.
  const above = await placementByParents(context, parent.id);
  return above && { parentId: parent.id, ancestorIds: [...above.ancestorIds, parent.id] };
}
