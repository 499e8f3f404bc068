import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase } from '@orgtrail/testkit';
import type { Loop } from '@orgtrail/service-runtime';
import { createDiscoveryMetrics } from '../proof/metrics.js';
import { askRefresh } from '../refresh/sql/ask-refresh.js';
import { countRequests } from '../refresh/sql/due-requests.js';
import { startRefreshes } from '../refresh/start-refreshes.js';
import { startSyncedOrganization, type SyncedOrganization } from '../refresh/sync.fixture.js';
import { partsOf, subjectKey, type SubjectKey } from '../subjects.js';
import { unpublishedSubjects } from './sql/unpublished-subjects.js';

jest.setTimeout(120_000);

const invitedId = '777788889999';
let organization: SyncedOrganization;
let refreshes: Loop;

beforeEach(async () => {
  organization = await startSyncedOrganization(await createTestDatabase(), { seed: 18, accounts: 12, organizationalUnits: 3 });
  await organization.sync('full', { isBaseline: true });
  await organization.readTags();
  refreshes = startRefreshes({
    pool: organization.database.pool,
    integration: organization.integration,
    reader: (priority, signal) => organization.aws.reader(priority, signal),
    callsPerSecond: (operation) => organization.aws.allowedPerSecond(operation),
    policy: { confirmAfterSeconds: [], confirmNotFoundAfterSeconds: 0.1, maximumRetrySeconds: 1 },
    isBaseline: () => false,
    metrics: createDiscoveryMetrics(createMetrics().meter),
    logger: createLogger({ service: 'test', level: 'silent' }),
    onMerged: () => undefined,
  });
});
afterEach(async () => {
  await refreshes.stop();
  await organization.stop();
});

const invite = (target: { type: 'ACCOUNT' | 'EMAIL'; id: string }) =>
  organization.simulator.actions.inviteAccountToOrganization({ target }).handshakeId;
/** As an event does. */
const look = async (...subjects: SubjectKey[]) => {
  await askRefresh(
    organization.database.pool,
    organization.integration.id,
    subjects.map((subject) => ({
      subject,
      parts: partsOf[subject.startsWith('account:') ? 'account' : 'invitation'],
      reason: 'event',
    })),
  );
  await settled();
};
const settled = async () => {
  for (;;) {
    const { due, waiting } = await countRequests(organization.database.pool, organization.integration.id);
    if (due + waiting === 0) return;
    await delay(20);
  }
};
const stateOf = async (subject: SubjectKey) => {
  const all = await unpublishedSubjects(organization.database.pool, organization.integration.id, 1000);
  return all.find((one) => one.subject === subject)?.state;
};
const expiry = async () => {
  const { rows } = await organization.database.pool.query<{ subject: string; due_at: Date }>(
    `SELECT subject, due_at FROM discovery.refresh_requests WHERE lane = 'expiry' ORDER BY subject COLLATE "C"`,
  );
  return rows;
};

describe('an invitation', () => {
  it.each([
    ['declined', (id: string) => organization.simulator.actions.declineHandshake({ handshakeId: id })],
    ['canceled', (id: string) => organization.simulator.actions.cancelHandshake({ handshakeId: id })],
    ['expired', (id: string) => organization.simulator.actions.expireHandshake(id)],
  ])('ends as %s when AWS lists it so, and stays a tombstone', async (reason, end) => {
    const handshakeId = invite({ type: 'ACCOUNT', id: invitedId });
    const subject = subjectKey('invitation', handshakeId);
    await look(subject);
    expect(await organization.live('invitation')).toContain(subject);
    end(handshakeId);
    await look(subject);
    expect(await organization.live('invitation')).not.toContain(subject);
    expect(await stateOf(subject)).toMatchObject({ goneReason: reason, parts: {} });
    await organization.sync('full');
    expect(await stateOf(subject)).toMatchObject({ goneReason: reason, parts: {} });
    expect(await organization.live('invitation')).not.toContain(subject);
  });

  it('that was accepted becomes its account, although the acceptance is logged in the member alone', async () => {
    const handshakeId = invite({ type: 'ACCOUNT', id: invitedId });
    const subject = subjectKey('invitation', handshakeId);
    await look(subject);
    organization.simulator.actions.acceptHandshake({ handshakeId });
    await look(subject);
    expect(await stateOf(subject)).toMatchObject({ goneReason: 'accepted' });
    expect(await stateOf(subjectKey('account', invitedId))).toMatchObject({
      parts: { core: { value: { joinedMethod: 'INVITED' } }, placement: {}, tags: {} },
    });
    // Nobody told of the account: should no event come for it, it was missed.
    expect(await organization.foundChanges()).toEqual([`account:${invitedId} created`]);
  });

  it.each([
    ['by account id', { type: 'ACCOUNT', id: invitedId } as const],
    ['by e-mail address', { type: 'EMAIL', id: 'guest@example.com' } as const],
  ])('%s ends when its account appears', async (_, target) => {
    const handshakeId = invite(target);
    const subject = subjectKey('invitation', handshakeId);
    await look(subject);
    const { accountId } = organization.simulator.actions.acceptHandshake({ handshakeId });
    await look(subjectKey('account', accountId));
    expect(await stateOf(subject)).toMatchObject({ goneReason: 'accepted' });
    // Its end has no event, and is no event that was missed.
    expect(await organization.foundChanges()).toEqual([]);
  });

  it('is looked at when it should have expired, since AWS tells nobody, and again while AWS lists it as open', async () => {
    const before = (await expiry()).map(({ subject }) => subject);
    const handshakeId = invite({ type: 'ACCOUNT', id: invitedId });
    const subject = subjectKey('invitation', handshakeId);
    await look(subject);
    const { expiresAt } = organization.simulator.organization.handshakes.get(handshakeId)!;
    const [asked, ...others] = (await expiry()).filter((one) => !before.includes(one.subject));
    expect(others).toEqual([]);
    // AWS's times are whole seconds, here and there.
    expect(Math.abs((asked?.due_at.getTime() ?? 0) - expiresAt - 60_000)).toBeLessThan(1_000);
    const passes = () =>
      organization.database.pool.query(
        `UPDATE discovery.refresh_requests SET due_at = clock_timestamp() WHERE lane = 'expiry' AND subject = $1`,
        [subject],
      );
    await passes();
    await settled();
    expect((await expiry()).map((one) => one.subject)).toContain(subject);
    organization.simulator.actions.expireHandshake(handshakeId);
    await passes();
    await settled();
    expect(await stateOf(subject)).toMatchObject({ goneReason: 'expired' });
    expect((await expiry()).map((one) => one.subject)).toEqual(before);
    expect(await organization.foundChanges()).toEqual([]);
  });
});

it('the delegation of an account that left ends with it', async () => {
  const [accountId] = [...organization.simulator.organization.accounts.values()]
    .filter(({ id, state }) => id !== organization.simulator.organization.managementAccount.id && state === 'ACTIVE')
    .filter(({ id }) => !organization.simulator.organization.isDelegatedAdministrator(id))
    .map(({ id }) => id);
  const { actions } = organization.simulator;
  actions.registerDelegatedAdministrator({ accountId: accountId!, servicePrincipal: 'config.amazonaws.com' });
  await organization.sync('full');
  expect(await organization.live('delegation')).toContain(`delegation:${accountId}`);
  // AWS lets nobody go who is one: as if the account had been cleaned up.
  actions.deregisterDelegatedAdministrator({ accountId: accountId!, servicePrincipal: 'config.amazonaws.com' });
  actions.removeAccountFromOrganization({ accountId: accountId! });
  await look(subjectKey('account', accountId!));
  expect(await organization.live('delegation')).not.toContain(`delegation:${accountId}`);
});
