import { idPatterns } from '../model/ids.js';
import { AwsError, accountNotFound, constraintViolation } from '../wire/errors.js';
import { optionalText, text, type Input } from '../wire/fields.js';
import { page } from '../wire/pages.js';
import { read, write } from './operation.js';
import { delegatedAdministratorShape } from './shapes.js';

export const delegationKey = (accountId: string, servicePrincipal: string): string => `${accountId}|${servicePrincipal}`;

export const listDelegatedAdministrators = read(({ world, view, behaviours }, input) => {
  const service = optionalText(input, 'servicePrincipal', servicePrincipalRules);
  const since = new Map<string, number>();
  for (const { accountId, servicePrincipal, enabledAt } of view.delegations.values()) {
    if (service === undefined || service === servicePrincipal) {
      since.set(accountId, Math.min(enabledAt, since.get(accountId) ?? enabledAt));
    }
  }
  const items = [...since].sort(([left], [right]) => (left < right ? -1 : 1));
  const listing = `ListDelegatedAdministrators ${service ?? ''}`;
  const administrators = page(world, { items, keyOf: ([accountId]) => accountId, listing, input });
  return {
    DelegatedAdministrators: administrators.items.flatMap(([accountId, enabledAt]) => {
      const account = view.accounts.get(accountId);
      return account === undefined ? [] : [delegatedAdministratorShape(account, enabledAt, behaviours)];
    }),
    NextToken: administrators.nextToken,
  };
});

export const listDelegatedServicesForAccount = read(({ world, view }, input) => {
  const accountId = text(input, 'accountId', { pattern: idPatterns.account });
  if (!view.accounts.has(accountId)) throw accountNotFound();
  const items = [...view.delegations.values()]
    .filter((delegation) => delegation.accountId === accountId)
    .sort((left, right) => (left.servicePrincipal < right.servicePrincipal ? -1 : 1));
  if (items.length === 0) throw notRegistered();
  const services = page(world, {
    items,
    keyOf: ({ servicePrincipal }) => servicePrincipal,
    listing: `ListDelegatedServicesForAccount ${accountId}`,
    input,
  });
  return {
    DelegatedServices: services.items.map(({ servicePrincipal, enabledAt }) => ({
      ServicePrincipal: servicePrincipal,
      DelegationEnabledDate: new Date(enabledAt),
    })),
    NextToken: services.nextToken,
  };
});

export const registerDelegatedAdministrator = write(({ world }, input) => {
  const { accountId, servicePrincipal } = delegationOf(input);
  const { store } = world;
  const account = store.tables.accounts.get(accountId);
  if (account === undefined) throw accountNotFound();
  if (accountId === store.identity.managementAccountId) {
    throw constraintViolation(
      'CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR',
      'You cannot register the management account as a delegated administrator.',
    );
  }
  if (account.state !== 'ACTIVE' && account.state !== 'PENDING_ACTIVATION') {
    throw constraintViolation(
      'CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR',
      'You cannot register a suspended account as a delegated administrator.',
    );
  }
  const key = delegationKey(accountId, servicePrincipal);
  if (store.tables.delegations.has(key)) {
    throw new AwsError('AccountAlreadyRegisteredException', 'The account is already registered as a delegated administrator.');
  }
  store.put('delegations', key, { accountId, servicePrincipal, enabledAt: world.now() });
  return {};
});

export const deregisterDelegatedAdministrator = write(({ world: { store } }, input) => {
  const { accountId, servicePrincipal } = delegationOf(input);
  if (!store.tables.accounts.has(accountId)) throw accountNotFound();
  const key = delegationKey(accountId, servicePrincipal);
  if (!store.tables.delegations.has(key)) throw notRegistered();
  store.remove('delegations', key);
  return {};
});

const servicePrincipalRules = { pattern: /^[\w+=,.@-]+$/, minimum: 1, maximum: 128 };

function delegationOf(input: Input): { accountId: string; servicePrincipal: string } {
  return {
    accountId: text(input, 'accountId', { pattern: idPatterns.account }),
    servicePrincipal: text(input, 'servicePrincipal', servicePrincipalRules),
  };
}

function notRegistered(): AwsError {
  return new AwsError(
    'AccountNotRegisteredException',
    'The account is not a registered delegated administrator for the service.',
  );
}
