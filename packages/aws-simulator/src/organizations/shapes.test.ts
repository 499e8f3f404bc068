import type {
  Account,
  CreateAccountStatus,
  DelegatedAdministrator,
  Handshake,
  Organization,
  OrganizationalUnit,
  Root,
  Tag,
} from '@aws-sdk/client-organizations';
import { expect, it } from '@jest/globals';
import { generateOrganization } from '../generate/generate-organization.js';
import { OrganizationView } from '../model/view.js';
import {
  accountCreationShape,
  accountShape,
  delegatedAdministratorShape,
  handshakeShape,
  organizationShape,
  organizationalUnitShape,
  rootShape,
  tagShapes,
} from './shapes.js';

/** No member that the SDK does not know: the compiler checks this file. */
type Exactly<Ours, Sdk> = Exclude<keyof Ours, keyof Sdk> extends never ? Ours : never;
const exactly =
  <Sdk>() =>
  <Ours extends Sdk>(shape: Exactly<Ours, Sdk>): Ours =>
    shape;

it('the shapes are those of the SDK, member by member', () => {
  const { identity, tables } = generateOrganization({ seed: 1, accounts: 5, organizationalUnits: 2 });
  const view = new OrganizationView(identity, tables);
  const behaviours = { withoutPaths: false, accountState: 'both' } as const;
  const account = view.managementAccount;
  const unit = [...view.organizationalUnits.values()][0]!;
  const handshake = [...view.handshakes.values()][0]!;
  const creation = {
    id: 'car-12345678',
    accountName: 'n',
    state: 'SUCCEEDED',
    requestedAt: 0,
    completedAt: 1,
    accountId: account.id,
  } as const;
  const shapes = [
    exactly<Account>()(accountShape(account, view, behaviours)),
    exactly<OrganizationalUnit>()(organizationalUnitShape(unit, view, behaviours)),
    exactly<Root>()(rootShape(view)),
    exactly<Organization>()(organizationShape(view)),
    exactly<DelegatedAdministrator>()(delegatedAdministratorShape(account, 0, behaviours)),
    exactly<Handshake>()(handshakeShape(handshake, view)),
    exactly<Omit<CreateAccountStatus, 'FailureReason'> & { FailureReason?: string }>()(accountCreationShape(creation)),
    ...tagShapes(account.tags).map((tag) => exactly<Tag>()(tag)),
  ];
  for (const shape of shapes) expect(Object.values(shape)).not.toContain(undefined);
});
