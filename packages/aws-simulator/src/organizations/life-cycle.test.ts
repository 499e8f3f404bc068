import { DescribeAccountCommand, ListAccountsCommand, ListHandshakesForOrganizationCommand } from '@aws-sdk/client-organizations';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator.js';
import { customerOf, eventNames, eventsOnQueue, failureOf } from '../testing/customer.js';

const day = 86_400_000;
const shape: SimulatorOptions = { seed: 17, accounts: 12, organizationalUnits: 4 };
let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator(shape);
});
afterEach(() => simulator.close());

const send = customerOf;
const ordinaryMember = () =>
  [...simulator.organization.accounts.values()].find(
    ({ id, state }) =>
      state === 'ACTIVE' &&
      id !== simulator.organization.identity.managementAccountId &&
      !simulator.organization.isDelegatedAdministrator(id),
  )!;
const stateOf = async (accountId: string) =>
  (await send(simulator).organizations.send(new DescribeAccountCommand({ AccountId: accountId }))).Account?.State;

describe('an account', () => {
  it('lives from PENDING_ACTIVATION to CLEANED in its own time', async () => {
    simulator.setBehaviour({ createAccountDelayMs: 30_000, activationDelayMs: 60_000, closeAccountDelayMs: day });
    const { requestId } = simulator.actions.createAccount({ accountName: 'short-lived', email: 'short@example.com' });
    simulator.advance(30_000);
    const [created] = [...simulator.organization.accounts.values()].filter(({ name }) => name === 'short-lived');
    expect(await stateOf(created!.id)).toBe('PENDING_ACTIVATION');
    simulator.advance(60_000);
    expect(await stateOf(created!.id)).toBe('ACTIVE');
    simulator.actions.closeAccount({ accountId: created!.id });
    simulator.advance(day - 1000);
    expect(await stateOf(created!.id)).toBe('PENDING_CLOSURE');
    simulator.advance(1000);
    expect(await stateOf(created!.id)).toBe('CLOSED');
    simulator.advance(90 * day - 1000);
    expect(await stateOf(created!.id)).toBe('CLOSED');
    simulator.queue.purge();
    simulator.advance(1000);
    expect(await failureOf(stateOf(created!.id))).toMatchObject({ name: 'AccountNotFoundException' });
    const [departure] = eventsOnQueue(simulator).filter(({ detail }) => detail.eventName === 'AccountDepartedOrganization');
    expect(departure?.detail.serviceEventDetails).toMatchObject({ accountId: created!.id, departureMethod: 'CLEANED' });
    expect(requestId).toMatch(/^car-/);
  });

  it('that was closed before a restart is cleaned after it', async () => {
    const { id } = ordinaryMember();
    simulator.actions.closeAccount({ accountId: id });
    const again = await startSimulator({ ...shape, snapshot: simulator.snapshot() });
    try {
      again.advance(90 * day);
      expect(again.organization.accounts.has(id)).toBe(false);
      expect(again.organization.departures.get(id)?.method).toBe('CLEANED');
    } finally {
      await again.close();
    }
  });
});

describe('an invitation', () => {
  const listed = async () => {
    const { Handshakes } = await send(simulator).organizations.send(new ListHandshakesForOrganizationCommand({}));
    return new Map(Handshakes!.map(({ Id, State }) => [Id, State]));
  };

  it('expires after 15 days without an event, and is listed for 30 days more', async () => {
    const { handshakeId } = simulator.actions.inviteAccountToOrganization({ target: { type: 'EMAIL', id: 'a@example.com' } });
    simulator.queue.purge();
    simulator.advance(15 * day - 1000);
    expect((await listed()).get(handshakeId)).toBe('OPEN');
    simulator.advance(1000);
    expect((await listed()).get(handshakeId)).toBe('EXPIRED');
    expect(eventNames(simulator)).toEqual([]);
    simulator.advance(30 * day);
    expect((await listed()).has(handshakeId)).toBe(false);
  });

  it('that was accepted in time does not expire', async () => {
    const { handshakeId } = simulator.actions.inviteAccountToOrganization({ target: { type: 'EMAIL', id: 'a@example.com' } });
    simulator.advance(14 * day);
    simulator.actions.acceptHandshake({ handshakeId });
    simulator.advance(2 * day);
    expect((await listed()).get(handshakeId)).toBe('ACCEPTED');
    simulator.advance(28 * day);
    expect((await listed()).has(handshakeId)).toBe(false);
  });
});

describe('what a member does by itself', () => {
  it('changes the organization, and reaches no bus but its own', () => {
    const { actions, organization } = simulator;
    const [renamed, closed] = [...organization.accounts.values()].filter(
      ({ id, state }) => state === 'ACTIVE' && id !== organization.identity.managementAccountId,
    );
    actions.renameOwnAccount({ accountId: renamed!.id, accountName: 'our own name' });
    actions.closeOwnAccount({ accountId: closed!.id });
    expect(organization.accounts.get(renamed!.id)?.name).toBe('our own name');
    expect(organization.accounts.get(closed!.id)?.state).toBe('CLOSED');
    expect(eventNames(simulator)).toEqual([]);
    expect(simulator.events.emitted.map(({ record, fate }) => [record.eventSource, record.recipientAccountId, fate])).toEqual([
      ['account.amazonaws.com', renamed!.id, 'unlogged'],
      ['account.amazonaws.com', closed!.id, 'unlogged'],
    ]);
    expect(simulator.events.emitted[0]?.record['requestParameters']).toEqual({ accountName: '****' });
  });

  it('with the tags of others, as a delegated administrator, is logged in its account', () => {
    const { organization, actions } = simulator;
    const from = [...organization.delegations.values()][0]!.accountId;
    actions.tagResource({ resourceId: organization.root.id, tags: { by: 'the delegated administrator' }, from });
    expect(organization.root.tags.get('by')).toBe('the delegated administrator');
    expect(eventNames(simulator)).toEqual([]);
    simulator.setBehaviour({ forwardFrom: [from] });
    actions.untagResource({ resourceId: organization.root.id, tagKeys: ['by'], from });
    expect(eventsOnQueue(simulator).map(({ account, detail }) => [account, detail.eventName])).toEqual([[from, 'UntagResource']]);
  });
});

describe('time that goes by at once', () => {
  it('delivers late events at their own time', () => {
    simulator.setBehaviour({ deliveryDelayMs: 60_000 });
    const began = simulator.now();
    simulator.actions.tagResource({ resourceId: simulator.organization.root.id, tags: { a: 'b' } });
    simulator.advance(3_600_000);
    const [event] = eventsOnQueue(simulator);
    expect(Date.parse(event!.time)).toBeGreaterThanOrEqual(began - 1000 + 60_000);
    expect(Date.parse(event!.time)).toBeLessThanOrEqual(began + 61_000);
    expect(simulator.now()).toBeGreaterThanOrEqual(began + 3_600_000);
  });

  it('does not make sessions old: their holders have not lived through it', async () => {
    const { managementAccountId } = simulator.organization.identity;
    simulator.actions.putRoleInEveryAccount({ roleName: 'Reader', trustedPrincipal: managementAccountId });
    const { Credentials } = await send(simulator).sts.send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${managementAccountId}:role/Reader`, RoleSessionName: 'test' }),
    );
    expect(Credentials!.Expiration!.getTime() - Date.now()).toBeLessThanOrEqual(3_600_000);
    simulator.advance(30 * day);
    const session = customerOf(simulator, {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    });
    expect((await session.organizations.send(new ListAccountsCommand({}))).Accounts).toHaveLength(12);
  });

  it('lies in the past where the simulated time starts behind', async () => {
    await simulator.close();
    simulator = await startSimulator({ ...shape, clockBehindMs: 3_600_000 });
    simulator.advance(3_000_000);
    simulator.actions.putAccountName({ accountId: ordinaryMember().id, accountName: 'ten minutes ago' });
    const [event] = eventsOnQueue(simulator);
    expect(Date.now() - Date.parse(event!.detail.eventTime)).toBeGreaterThan(590_000);
    const { managementAccountId } = simulator.organization.identity;
    simulator.actions.putRoleInEveryAccount({ roleName: 'Reader', trustedPrincipal: managementAccountId });
    const { Credentials } = await send(simulator).sts.send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${managementAccountId}:role/Reader`, RoleSessionName: 'test' }),
    );
    expect(Credentials!.Expiration!.getTime() - Date.now()).toBeGreaterThan(3_590_000);
  });
});
