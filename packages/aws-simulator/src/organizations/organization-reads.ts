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

/** Trusted access is not simulated: the services that have a delegated administrator count as enabled. */
export const listAwsServiceAccessForOrganization = read(({ world, view }, input) => {
  const enabled = new Map<string, number>();
  for (const { servicePrincipal, enabledAt } of view.delegations.values()) {
    enabled.set(servicePrincipal, Math.min(enabledAt, enabled.get(servicePrincipal) ?? enabledAt));
  }
  const items = [...enabled.keys()].sort();
  const services = page(world, { items, keyOf: (name) => name, listing: 'ListAWSServiceAccessForOrganization', input });
  return {
    EnabledServicePrincipals: services.items.map((name) => ({
      ServicePrincipal: name,
      DateEnabled: new Date(enabled.get(name) ?? 0),
    })),
    NextToken: services.nextToken,
  };
});
