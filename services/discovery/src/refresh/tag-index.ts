import type { OrganizationReader } from '@orgtrail/aws';
import type { TagValues } from '../observed/subject-state.js';

/** The bulk tag index as it was read once. */
export interface TagIndex {
  /** Resources that it names. With none it proves nothing for the organization. */
  size: number;
  /** Accounts among them. */
  accounts: number;
  /** Tags of an account, a root or an OU, if the index names it. */
  tagsOf(resourceId: string): TagValues | undefined;
  resourceIds(): Iterable<string>;
}

/** Reads it whole. Tags stay text until they are looked at: of 50,000 accounts, objects would take several times the room. */
export async function readTagIndex(reader: OrganizationReader): Promise<TagIndex> {
  const index = new Map<string, string>();
  for await (const page of reader.readTagIndex()) {
    for (const { resourceId, tags } of page) index.set(resourceId, JSON.stringify(tags));
  }
  let accounts = 0;
  for (const resourceId of index.keys()) if (/^\d/.test(resourceId)) accounts += 1;
  return {
    size: index.size,
    accounts,
    tagsOf: (resourceId) => {
      const text = index.get(resourceId);
      return text === undefined ? undefined : (JSON.parse(text) as TagValues);
    },
    resourceIds: () => index.keys(),
  };
}
