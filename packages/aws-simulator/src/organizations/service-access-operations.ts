import { text, type Input } from '../wire/fields.js';
import { page } from '../wire/pages.js';
import { read, write } from './operation.js';

/** The services that were let in, and those that have a delegated administrator, since the simulator asks for no trusted access there. */
export const listAwsServiceAccessForOrganization = read(({ world, view }, input) => {
  const enabled = new Map(
    [...view.trustedServices.values()].map(({ servicePrincipal, enabledAt }) => [servicePrincipal, enabledAt]),
  );
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

export const enableAwsServiceAccess = write(({ world: { store, now } }, input) => {
  const servicePrincipal = principalOf(input);
  if (!store.tables.trustedServices.has(servicePrincipal)) {
    store.put('trustedServices', servicePrincipal, { servicePrincipal, enabledAt: now() });
  }
  return {};
});

export const disableAwsServiceAccess = write(({ world: { store } }, input) => {
  const servicePrincipal = principalOf(input);
  if (store.tables.trustedServices.has(servicePrincipal)) store.remove('trustedServices', servicePrincipal);
  return {};
});

const principalOf = (input: Input): string =>
  text(input, 'servicePrincipal', { pattern: /^[\w+=,.@-]+$/, minimum: 1, maximum: 128 });
