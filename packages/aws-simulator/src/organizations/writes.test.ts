import {
  AcceptHandshakeCommand,
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  DeleteOrganizationalUnitCommand,
  DeregisterDelegatedAdministratorCommand,
  DescribeCreateAccountStatusCommand,
  InviteAccountToOrganizationCommand,
  LeaveOrganizationCommand,
  ListAccountsForParentCommand,
  MoveAccountCommand,
  RegisterDelegatedAdministratorCommand,
  RemoveAccountFromOrganizationCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateOrganizationalUnitCommand,
} from '@aws-sdk/client-organizations';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountRecord } from '../model/records.js';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, eventNames, eventsOnQueue, failureOf, type Customer } from '../testing/customer.js';

let simulator: Simulator;
let customer: Customer;
let member: AccountRecord;

beforeEach(async () => {
  simulator = await startSimulator({ seed: 11, accounts: 20, organizationalUnits: 8 });
  customer = customerOf(simulator);
  const { organization } = simulator;
  member = [...organization.accounts.values()].find(
    ({ id, state, tags, parentId }) =>
      state === 'ACTIVE' &&
      id !== organization.managementAccount.id &&
      !organization.isDelegatedAdministrator(id) &&
      tags.size > 0 &&
      parentId !== organization.root.id,
  )!;
});
afterEach(() => simulator.close());

const stateOf = (id: string): string | undefined => simulator.organization.accounts.get(id)?.state;

describe('accounts', () => {
  it('creates one in the root, after the answer, and tells of it in three events', async () => {
    simulator.setBehaviour({ createAccountDelayMs: 50, activationDelayMs: 50 });
    const before = simulator.organization.accounts.size;
    const { CreateAccountStatus } = await customer.organizations.send(
      new CreateAccountCommand({ AccountName: 'new one', Email: 'new@example.com', Tags: [{ Key: 'CostCenter', Value: '007' }] }),
    );
    expect(CreateAccountStatus).toMatchObject({ State: 'IN_PROGRESS', AccountName: 'new one' });
    expect(CreateAccountStatus!.AccountId).toBeUndefined();
    expect(simulator.organization.accounts.size).toBe(before);
    await simulator.settled();
    const status = new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: CreateAccountStatus!.Id });
    const { CreateAccountStatus: done } = await customer.organizations.send(status);
    expect(done).toMatchObject({ State: 'SUCCEEDED' });
    const parent = new ListAccountsForParentCommand({ ParentId: simulator.organization.root.id });
    const { Accounts } = await customer.organizations.send(parent);
    expect(Accounts!.find(({ Id }) => Id === done!.AccountId)).toMatchObject({
      Name: 'new one',
      State: 'ACTIVE',
      JoinedMethod: 'CREATED',
    });
    expect(simulator.organization.tagsOf(done!.AccountId!)).toEqual(new Map([['CostCenter', '007']]));
    expect(eventNames(simulator)).toEqual(['CreateAccount', 'CreateAccountResult', 'AccountJoinedOrganization']);
    const [call, result, joined] = eventsOnQueue(simulator).map(({ detail }) => detail);
    expect(call!.requestParameters).toMatchObject({
      email: '****',
      accountName: '****',
      tags: [{ key: 'CostCenter', value: '007' }],
    });
    expect(JSON.stringify(call)).not.toContain('new@example.com');
    expect(result!.serviceEventDetails!['createAccountStatus']).toMatchObject({
      id: done!.Id,
      accountId: done!.AccountId,
      accountName: '****',
    });
    expect(joined!.serviceEventDetails).toMatchObject({ accountId: done!.AccountId, joinedMethod: 'CREATED' });
  });

  it('fails a creation afterwards when the e-mail address is taken', () => {
    const { requestId, accountId } = simulator.actions.createAccount({ accountName: 'again', email: member.email });
    expect(accountId).toBeUndefined();
    expect(simulator.organization.accountCreations.get(requestId)).toMatchObject({
      state: 'FAILED',
      failureReason: 'EMAIL_ALREADY_EXISTS',
    });
    expect(eventNames(simulator)).toEqual(['CreateAccount', 'CreateAccountResult']);
  });

  it('closes one by way of PENDING_CLOSURE, and cleans it away later', async () => {
    simulator.setBehaviour({ closeAccountDelayMs: 50 });
    await customer.organizations.send(new CloseAccountCommand({ AccountId: member.id }));
    expect(stateOf(member.id)).toBe('PENDING_CLOSURE');
    await simulator.settled();
    expect(stateOf(member.id)).toBe('CLOSED');
    const again = await failureOf(customer.organizations.send(new CloseAccountCommand({ AccountId: member.id })));
    expect(again.name).toBe('AccountAlreadyClosedException');
    simulator.actions.clean(member.id);
    expect(stateOf(member.id)).toBeUndefined();
    expect(simulator.organization.departures.get(member.id)).toMatchObject({ method: 'CLEANED' });
    expect(eventNames(simulator)).toEqual(['CloseAccount', 'CloseAccountResult', 'AccountDepartedOrganization']);
    expect(eventsOnQueue(simulator).at(-1)!.detail.serviceEventDetails).toMatchObject({
      accountId: member.id,
      departureMethod: 'CLEANED',
    });
  });

  it('moves one only from where it is to where it is not', async () => {
    const { organization } = simulator;
    const elsewhere = [...organization.organizationalUnits.keys()].find((id) => id !== member.parentId)!;
    const move = (SourceParentId: string, DestinationParentId: string) =>
      customer.organizations.send(new MoveAccountCommand({ AccountId: member.id, SourceParentId, DestinationParentId }));
    expect((await failureOf(move(elsewhere, organization.root.id))).name).toBe('SourceParentNotFoundException');
    expect((await failureOf(move(member.parentId, 'ou-abcd-12345678'))).name).toBe('DestinationParentNotFoundException');
    expect((await failureOf(move(member.parentId, member.parentId))).name).toBe('DuplicateAccountException');
    await move(member.parentId, elsewhere);
    expect(simulator.organization.accounts.get(member.id)?.parentId).toBe(elsewhere);
    expect(eventsOnQueue(simulator).at(-1)!.detail).toMatchObject({
      eventName: 'MoveAccount',
      requestParameters: { accountId: member.id, sourceParentId: member.parentId, destinationParentId: elsewhere },
      responseElements: null,
    });
  });

  it('removes one with its tags, which do not come back when it is invited again', async () => {
    await customer.organizations.send(new RemoveAccountFromOrganizationCommand({ AccountId: member.id }));
    expect(simulator.organization.departures.get(member.id)?.account).toEqual(member);
    expect(eventNames(simulator)).toEqual(['RemoveAccountFromOrganization', 'AccountDepartedOrganization']);
    const target = { Type: 'ACCOUNT' as const, Id: member.id };
    const { Handshake } = await customer.organizations.send(
      new InviteAccountToOrganizationCommand({ Target: target, Notes: 'Come back' }),
    );
    const invited = customerOf(simulator, simulator.credentialsFor(member.id));
    await invited.organizations.send(new AcceptHandshakeCommand({ HandshakeId: Handshake!.Id }));
    expect(simulator.organization.accounts.get(member.id)).toMatchObject({
      name: member.name,
      joinedMethod: 'INVITED',
      parentId: simulator.organization.root.id,
      tags: new Map(),
    });
    expect(simulator.organization.departures.has(member.id)).toBe(false);
    // AcceptHandshake itself is logged in the invited account.
    expect(eventNames(simulator).slice(2)).toEqual(['InviteAccountToOrganization', 'AccountJoinedOrganization']);
    expect(simulator.events.emitted.find(({ eventName }) => eventName === 'AcceptHandshake')).toMatchObject({
      fate: 'unlogged',
    });
  });

  it('lets a member leave by itself, which the management account sees as a departure only', async () => {
    await customerOf(simulator, simulator.credentialsFor(member.id)).organizations.send(new LeaveOrganizationCommand({}));
    expect(simulator.organization.accounts.has(member.id)).toBe(false);
    expect(eventNames(simulator)).toEqual(['AccountDepartedOrganization']);
    expect(eventsOnQueue(simulator)[0]!.detail.serviceEventDetails).toMatchObject({
      accountId: member.id,
      departureMethod: 'LEFT',
    });
  });

  it('keeps the management account and delegated administrators in', async () => {
    const { managementAccount } = simulator.organization;
    const remove = (AccountId: string) =>
      failureOf(customer.organizations.send(new RemoveAccountFromOrganizationCommand({ AccountId })));
    expect((await remove(managementAccount.id)).name).toBe('MasterCannotLeaveOrganizationException');
    const { accountId } = [...simulator.organization.delegations.values()][0]!;
    expect(await remove(accountId)).toMatchObject({
      name: 'ConstraintViolationException',
      Reason: 'CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG',
    });
    expect((await remove('123456789012')).name).toBe('AccountNotFoundException');
    const close = await failureOf(customer.organizations.send(new CloseAccountCommand({ AccountId: managementAccount.id })));
    expect(close).toMatchObject({ Reason: 'CANNOT_CLOSE_MANAGEMENT_ACCOUNT' });
  });

  it('renames one through Account Management, with that source and a masked name', () => {
    simulator.actions.putAccountName({ accountId: member.id, accountName: 'renamed' });
    expect(simulator.organization.accounts.get(member.id)?.name).toBe('renamed');
    const [envelope] = eventsOnQueue(simulator);
    expect(envelope).toMatchObject({
      source: 'aws.account',
      detail: {
        eventSource: 'account.amazonaws.com',
        eventName: 'PutAccountName',
        requestParameters: { accountId: member.id, accountName: '****' },
      },
    });
  });
});

describe('organizational units', () => {
  it('creates, renames and deletes one', async () => {
    const parentId = simulator.organization.root.id;
    const { OrganizationalUnit } = await customer.organizations.send(
      new CreateOrganizationalUnitCommand({ ParentId: parentId, Name: 'Größe "L"', Tags: [{ Key: 'a', Value: '' }] }),
    );
    const id = OrganizationalUnit!.Id!;
    expect(simulator.organization.organizationalUnits.get(id)).toMatchObject({
      parentId,
      name: 'Größe "L"',
      tags: new Map([['a', '']]),
    });
    await customer.organizations.send(new UpdateOrganizationalUnitCommand({ OrganizationalUnitId: id, Name: 'XL' }));
    expect(simulator.organization.organizationalUnits.get(id)?.name).toBe('XL');
    await customer.organizations.send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: id }));
    expect(simulator.organization.organizationalUnits.has(id)).toBe(false);
    expect(simulator.organization.deletedOrganizationalUnits.has(id)).toBe(true);
    expect(eventNames(simulator)).toEqual(['CreateOrganizationalUnit', 'UpdateOrganizationalUnit', 'DeleteOrganizationalUnit']);
    expect(eventsOnQueue(simulator)[0]!.detail.responseElements).toEqual({
      organizationalUnit: { id, arn: OrganizationalUnit!.Arn, name: 'Größe "L"', path: OrganizationalUnit!.Path },
    });
  });

  it('refuses twins, a sixth level, unknown parents, and deleting what is not empty', async () => {
    const create = (ParentId: string, Name: string) =>
      customer.organizations.send(new CreateOrganizationalUnitCommand({ ParentId, Name }));
    const { organization } = simulator;
    let parentId = organization.root.id;
    for (let level = 1; level <= 5; level += 1) {
      const { OrganizationalUnit } = await create(parentId, `level ${level}`);
      parentId = OrganizationalUnit!.Id!;
    }
    expect(await failureOf(create(parentId, 'level 6'))).toMatchObject({
      name: 'ConstraintViolationException',
      Reason: 'OU_DEPTH_LIMIT_EXCEEDED',
    });
    expect((await failureOf(create(organization.root.id, 'level 1'))).name).toBe('DuplicateOrganizationalUnitException');
    expect((await failureOf(create('ou-abcd-12345678', 'x'))).name).toBe('ParentNotFoundException');
    const notEmpty = new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: member.parentId });
    expect((await failureOf(customer.organizations.send(notEmpty))).name).toBe('OrganizationalUnitNotEmptyException');
  });
});

describe('tags', () => {
  it('sets and removes them on accounts, units and the root', async () => {
    const { organization } = simulator;
    const unit = [...organization.organizationalUnits.keys()][0]!;
    for (const id of [member.id, unit, organization.root.id, organization.managementAccount.id]) {
      await customer.organizations.send(new TagResourceCommand({ ResourceId: id, Tags: [{ Key: 'k', Value: '007' }] }));
      expect(simulator.organization.tagsOf(id)?.get('k')).toBe('007');
      await customer.organizations.send(new UntagResourceCommand({ ResourceId: id, TagKeys: ['k', 'never there'] }));
      expect(simulator.organization.tagsOf(id)?.has('k')).toBe(false);
    }
    const [tagged, untagged] = eventsOnQueue(simulator).map(({ detail }) => detail);
    expect(tagged).toMatchObject({
      eventName: 'TagResource',
      requestParameters: { resourceId: member.id, tags: [{ key: 'k', value: '007' }] },
    });
    expect(untagged).toMatchObject({
      requestParameters: { resourceId: member.id, tagKeys: ['k', 'never there'] },
      responseElements: null,
    });
  });

  it.each([
    ['a key twice', [{ Key: 'k', Value: '1' }, { Key: 'k', Value: '2' }], 'DUPLICATE_TAG_KEY'], // prettier-ignore
    ['a key of AWS', [{ Key: 'aws:k', Value: '1' }], 'INVALID_SYSTEM_TAGS_PARAMETER'],
    ['a value too long', [{ Key: 'k', Value: 'v'.repeat(257) }], 'MAX_LENGTH_EXCEEDED'],
    ['more than fifty', Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' })), 'MAX_TAG_LIMIT_EXCEEDED'],
  ])('refuses %s, and changes nothing', async (_what, Tags, reason) => {
    const failure = await failureOf(customer.organizations.send(new TagResourceCommand({ ResourceId: member.id, Tags })));
    expect(failure['Reason']).toBe(reason);
    expect(simulator.organization.tagsOf(member.id)).toBe(member.tags);
  });

  it('refuses what does not exist', async () => {
    const command = new TagResourceCommand({ ResourceId: '123456789012', Tags: [{ Key: 'k', Value: '1' }] });
    expect((await failureOf(customer.organizations.send(command))).name).toBe('TargetNotFoundException');
  });
});

describe('delegated administrators', () => {
  it('registers and deregisters one', async () => {
    const delegation = { AccountId: member.id, ServicePrincipal: 'inspector2.amazonaws.com' };
    const register = () => customer.organizations.send(new RegisterDelegatedAdministratorCommand(delegation));
    const deregister = () => customer.organizations.send(new DeregisterDelegatedAdministratorCommand(delegation));
    await register();
    expect(simulator.organization.isDelegatedAdministrator(member.id)).toBe(true);
    expect((await failureOf(register())).name).toBe('AccountAlreadyRegisteredException');
    await deregister();
    expect(simulator.organization.isDelegatedAdministrator(member.id)).toBe(false);
    expect((await failureOf(deregister())).name).toBe('AccountNotRegisteredException');
  });
});

describe('events of writes', () => {
  it('tell of failed calls too, with the error and without an answer, unless told otherwise', async () => {
    const command = new MoveAccountCommand({
      AccountId: '123456789012',
      SourceParentId: simulator.organization.root.id,
      DestinationParentId: member.parentId,
    });
    await failureOf(customer.organizations.send(command));
    const told = () => simulator.events.emitted.map(({ record }) => record);
    expect(told()[0]).toMatchObject({
      eventName: 'MoveAccount',
      errorCode: 'AccountNotFoundException',
      requestParameters: { accountId: '123456789012' },
      responseElements: null,
    });
    simulator.setBehaviour({ denied: ['MoveAccount'] });
    await failureOf(customer.organizations.send(command));
    expect(told()[1]!.errorCode).toBe('AccessDenied');
    simulator.setBehaviour({ failedCallEvents: false });
    await failureOf(customer.organizations.send(command));
    expect(told()).toHaveLength(2);
    // The rule filters them.
    expect(eventsOnQueue(simulator)).toEqual([]);
  });

  it('name who did it: the caller on the wire, or the one that the test names', async () => {
    const { id } = simulator.organization.managementAccount;
    await customer.organizations.send(new TagResourceCommand({ ResourceId: member.id, Tags: [{ Key: 'k', Value: '1' }] }));
    const as = `arn:aws:sts::${id}:assumed-role/break-glass/dmitri`;
    simulator.actions.tagResource({ resourceId: member.id, tags: { k: '2' }, as });
    simulator.actions.tagResource({
      resourceId: member.id,
      tags: { k: '3' },
      as: { arn: `arn:aws:iam::${id}:root`, invokedBy: 'controltower.amazonaws.com' },
    });
    const [onTheWire, named, byAService] = eventsOnQueue(simulator).map(({ detail }) => detail.userIdentity);
    expect(onTheWire).toMatchObject({
      type: 'IAMUser',
      arn: `arn:aws:iam::${id}:user/orgtrail`,
      accessKeyId: simulator.credentials.accessKeyId,
    });
    expect(named).toMatchObject({ type: 'AssumedRole', arn: as, sessionContext: { sessionIssuer: { userName: 'break-glass' } } });
    expect(byAService).toMatchObject({ type: 'Root', invokedBy: 'controltower.amazonaws.com' });
  });

  it('mask tag values where set to, and hide the account of a membership event where set to', () => {
    simulator.setBehaviour({ maskTagValues: true, membershipEventsWithoutAccountId: true });
    simulator.actions.tagResource({ resourceId: member.id, tags: { k: 'secret' } });
    simulator.actions.removeAccountFromOrganization({ accountId: member.id });
    const [tagged, , departed] = eventsOnQueue(simulator).map(({ detail }) => detail);
    expect(tagged!.requestParameters).toEqual({ resourceId: member.id, tags: [{ key: 'k', value: '****' }] });
    expect(JSON.stringify(departed)).not.toContain(member.id);
  });
});
