import { page } from '../wire/pages.js';
import { read } from './operation.js';
import { organizationShape, rootShape } from './shapes.js';

export const describeOrganization = read(
  ({ view, caller }) => {
    const organization = organizationShape(view);
    return {
      Organization: caller.role?.describes === 'another-organization' ? { ...organization, Id: 'o-anotherone1' } : organization,
    };
  },
  { callers: 'members' },
);

export const listRoots = read(({ world, view }, input) => {
  const roots = page(world, { items: [view.root], keyOf: ({ id }) => id, listing: 'ListRoots', input });
  return { Roots: roots.items.map(() => rootShape(view)), NextToken: roots.nextToken };
});
