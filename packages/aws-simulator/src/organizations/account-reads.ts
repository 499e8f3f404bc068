import { byId } from '../model/view.js';
import { idPatterns } from '../model/ids.js';
import { AwsError, accountNotFound, parentNotFound } from '../wire/errors.js';
import { text } from '../wire/fields.js';
import { page } from '../wire/pages.js';
import { read } from './operation.js';
import { accountCreationShape, accountShape } from './shapes.js';

export const listAccounts = read(({ world, view, behaviours }, input) => {
  const accounts = page(world, { items: view.accountsInOrder, keyOf: ({ id }) => id, listing: 'ListAccounts', input });
  return { Accounts: accounts.items.map((account) => accountShape(account, view, behaviours)), NextToken: accounts.nextToken };
});

export const listAccountsForParent = read(({ world, view, behaviours }, input) => {
  const parentId = text(input, 'parentId', { pattern: idPatterns.parent });
  if (!view.isParent(parentId)) throw parentNotFound();
  const items = view.childrenOf(parentId).accounts;
  const accounts = page(world, { items, keyOf: ({ id }) => id, listing: `ListAccountsForParent ${parentId}`, input });
  return { Accounts: accounts.items.map((account) => accountShape(account, view, behaviours)), NextToken: accounts.nextToken };
});

export const describeAccount = read(({ view, behaviours }, input) => {
  const account = view.accounts.get(text(input, 'accountId', { pattern: idPatterns.account }));
  if (account === undefined) throw accountNotFound();
  return { Account: accountShape(account, view, behaviours) };
});

export const describeCreateAccountStatus = read(({ view }, input) => {
  const creation = view.accountCreations.get(text(input, 'createAccountRequestId', { pattern: idPatterns.accountCreation }));
  if (creation === undefined) {
    throw new AwsError('CreateAccountStatusNotFoundException', "You specified a create account request that doesn't exist.");
  }
  return { CreateAccountStatus: accountCreationShape(creation) };
});

export const listCreateAccountStatus = read(({ world, view }, input) => {
  const states = input['states'];
  const items = [...view.accountCreations.values()]
    .filter(({ state }) => !Array.isArray(states) || states.length === 0 || states.includes(state))
    .sort(byId);
  const creations = page(world, {
    items,
    keyOf: ({ id }) => id,
    listing: `ListCreateAccountStatus ${JSON.stringify(states)}`,
    input,
  });
  return { CreateAccountStatuses: creations.items.map(accountCreationShape), NextToken: creations.nextToken };
});
