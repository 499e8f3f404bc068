import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase } from '@orgtrail/testkit';
import { subjectKey } from '../subjects.js';
import { askRefresh } from './sql/ask-refresh.js';
import { selectFindings } from './sql/sync-runs.js';
import { startSyncedOrganization, type SyncedOrganization } from './sync.fixture.js';

jest.setTimeout(60_000);

let organization: SyncedOrganization;
beforeEach(async () => {
  organization = await startSyncedOrganization(await createTestDatabase(), { seed: 12, accounts: 40, organizationalUnits: 9 });
  await organization.sync('full', { isBaseline: true });
  await organization.readTags();
  await acknowledgeAll();
});
afterEach(() => organization.stop());

const acknowledgeAll = () =>
  organization.database.pool.query(`UPDATE discovery.observed_subjects SET published_version = subject_version`);
const unacknowledged = async () => {
  const { rows } = await organization.database.pool.query<{ subject: string }>(
    `SELECT subject FROM discovery.observed_subjects WHERE published_version < subject_version ORDER BY 1`,
  );
  return rows.map(({ subject }) => subject);
};
const members = () => {
  const { accounts, managementAccount, delegations } = organization.simulator.organization;
  const administrators = new Set([...delegations.values()].map(({ accountId }) => accountId));
  return [...accounts.values()].filter(
    ({ id, state, tags }) => id !== managementAccount.id && state === 'ACTIVE' && tags.size < 40 && !administrators.has(id),
  );
};
const anotherParent = (parentId: string) =>
  [...organization.simulator.organization.accounts.values()].find(
    (account) => account.parentId !== parentId && account.parentId.startsWith('ou-'),
  )!.parentId;
const walks = ({ calls }: { calls: Record<string, number> }) => calls['ListOrganizationalUnitsForParent'] ?? 0;

describe('a light sync', () => {
  it('publishes what changed, and nothing else', async () => {
    const { simulator, sync } = organization;
    expect(await sync('light')).toMatchObject({ complete: true, changes: 0, nominated: 0 });
    expect(await unacknowledged()).toEqual([]);
    const [renamed, moved] = members();
    simulator.actions.putAccountName({ accountId: renamed!.id, accountName: 'renamed' });
    simulator.actions.moveAccount({ accountId: moved!.id, destinationParentId: anotherParent(moved!.parentId) });
    const summary = await sync('light');
    expect(summary).toMatchObject({ kind: 'light', complete: true, changes: 2 });
    expect(walks(summary)).toBe(0);
    expect(await unacknowledged()).toEqual([renamed!, moved!].map(({ id }) => `account:${id}`).sort());
  });

  it('nominates accounts that are missing, and no OU, delegation or invitation, which it did not read', async () => {
    const { simulator, sync, live, requests } = organization;
    const [gone] = members();
    const before = { delegations: await live('delegation'), invitations: await live('invitation') };
    simulator.actions.removeAccountFromOrganization({ accountId: gone!.id });
    for (const { accountId, servicePrincipal } of [...simulator.organization.delegations.values()])
      simulator.actions.deregisterDelegatedAdministrator({ accountId, servicePrincipal });
    const [emptyUnit] = [...simulator.organization.organizationalUnits.values()].slice(-1);
    simulator.actions.deleteOrganizationalUnit({ organizationalUnitId: emptyUnit!.id });
    expect(await sync('light')).toMatchObject({ complete: true, nominated: 1 });
    expect(Object.keys(await requests())).toEqual([`account:${gone!.id}`]);
    expect({ delegations: await live('delegation'), invitations: await live('invitation') }).toEqual(before);

    await organization.forgetRequests();
    expect(await sync('full')).toMatchObject({ nominated: 2 });
    expect(Object.keys(await requests())).toEqual(expect.arrayContaining([`account:${gone!.id}`, `ou:${emptyUnit!.id}`]));
  });

  it('walks the OUs where a path names one that it does not know, and finds it', async () => {
    const { simulator, sync, live } = organization;
    const { organizationalUnitId } = simulator.actions.createOrganizationalUnit({
      parentId: simulator.organization.root.id,
      name: 'unheard of',
    });
    expect(walks(await sync('light'))).toBe(0);
    simulator.actions.moveAccount({ accountId: members()[0]!.id, destinationParentId: organizationalUnitId });
    const summary = await sync('light');
    expect(summary).toMatchObject({ complete: true, organizationalUnits: 10, changes: 2 });
    expect(walks(summary)).toBe(11);
    expect(await live('ou')).toContain(`ou:${organizationalUnitId}`);
    expect(walks(await sync('light'))).toBe(0);
  });

  it('walks them where an event named one that was not read yet, but not for an event about its tags', async () => {
    const { database, integration, simulator, sync } = organization;
    const [unit] = [...simulator.organization.organizationalUnits.keys()].map((id) => subjectKey('ou', id));
    await askRefresh(database.pool, integration.id, [{ subject: unit!, parts: ['tags'], reason: 'event' }]);
    expect(walks(await sync('light'))).toBe(0);
    await askRefresh(database.pool, integration.id, [{ subject: unit!, parts: ['core'], reason: 'event' }]);
    expect(walks(await sync('light'))).toBe(10);
  });

  it('walks and searches every node where AWS tells no paths', async () => {
    const { simulator, sync } = organization;
    const [moved] = members();
    simulator.setBehaviour({ withoutPaths: true });
    simulator.actions.moveAccount({ accountId: moved!.id, destinationParentId: anotherParent(moved!.parentId) });
    const summary = await sync('light');
    expect(summary).toMatchObject({ complete: true, changes: 1 });
    expect(summary.calls).toMatchObject({ ListOrganizationalUnitsForParent: 10, ListAccountsForParent: 10 });
  });

  it('asks for the parent of a single account of which AWS tells no path, and walks only for a parent that it does not know', async () => {
    const { simulator, sync, live } = organization;
    const [moved] = members();
    const reader = organization.withoutPathOf(moved!.id);
    const destinationParentId = anotherParent(moved!.parentId);
    simulator.actions.moveAccount({ accountId: moved!.id, destinationParentId });
    const summary = await sync('light', { reader });
    expect(summary).toMatchObject({ complete: true, changes: 1, problems: [], calls: { ListParents: 1 } });
    expect(walks(summary)).toBe(0);

    const { organizationalUnitId } = simulator.actions.createOrganizationalUnit({ parentId: destinationParentId, name: 'new' });
    simulator.actions.moveAccount({ accountId: moved!.id, destinationParentId: organizationalUnitId });
    const walking = await sync('light', { reader });
    expect(walking).toMatchObject({ complete: true, changes: 2 });
    expect(walking.calls).not.toHaveProperty('ListAccountsForParent');
    expect(await live('ou')).toContain(`ou:${organizationalUnitId}`);
  });

  it('says where accounts hang no more than it knows, where their parents cannot be read', async () => {
    organization.simulator.setBehaviour({ denied: ['ListParents'] });
    const reader = organization.withoutPathOf(members()[0]!.id);
    expect(await organization.sync('light', { reader })).toMatchObject({
      complete: true,
      changes: 0,
      problems: [{ read: 'organizations:ListParents' }],
    });
  });

  it('that walked over no OUs says nothing about the last walk', async () => {
    const { database, integration, simulator, sync } = organization;
    const walkIncompleteBecause = async () => (await selectFindings(database.pool, integration.id))?.walkIncompleteBecause;
    simulator.setBehaviour({ failing: { ListOrganizationalUnitsForParent: 'html' } });
    expect(await sync('full')).toMatchObject({ complete: false });
    simulator.setBehaviour({ failing: {} });
    expect(await sync('light')).toMatchObject({ complete: true });
    expect(await walkIncompleteBecause()).toContainEqual(expect.stringContaining('could not be listed'));
    await sync('full');
    expect(await walkIncompleteBecause()).toEqual([]);
  });

  it('has tags read that the index knows otherwise, of OUs too, and takes no sample', async () => {
    const { simulator, sync, requests } = organization;
    const [account] = members();
    const [unit] = [...simulator.organization.organizationalUnits.values()].filter(({ tags }) => tags.size > 0);
    simulator.actions.tagResource({ resourceId: account!.id, tags: { new: 'tag' } });
    simulator.actions.tagResource({ resourceId: unit!.id, tags: { new: 'tag' } });
    expect(await sync('light')).toMatchObject({ tagIndexDrift: 2, changes: 0 });
    expect(await requests()).toEqual({
      [`account:${account!.id}`]: { reason: 'index-differs', parts: ['tags'] },
      [`ou:${unit!.id}`]: { reason: 'index-differs', parts: ['tags'] },
    });
  });

  it('leaves tags to full syncs where the index cannot be read, and says so', async () => {
    organization.simulator.setBehaviour({ denied: ['GetResources'] });
    const { problems, complete } = await organization.sync('light');
    expect(complete).toBe(true);
    expect(problems).toMatchObject([{ read: 'tag:GetResources', error: expect.stringContaining('is not authorized') }]);
    expect(await organization.requests()).toEqual({});
  });
});

describe('changes that no event announced', () => {
  it('are counted once for each subject and part, however many syncs see them', async () => {
    const { simulator, sync, foundChanges } = organization;
    const [both, created] = members();
    simulator.actions.putAccountName({ accountId: both!.id, accountName: 'renamed' });
    simulator.actions.moveAccount({ accountId: both!.id, destinationParentId: anotherParent(both!.parentId) });
    const { organizationalUnitId } = simulator.actions.createOrganizationalUnit({
      parentId: simulator.organization.root.id,
      name: 'unheard of',
    });
    simulator.actions.moveAccount({ accountId: created!.id, destinationParentId: organizationalUnitId });
    simulator.actions.tagResource({ resourceId: created!.id, tags: { new: 'tag' } });
    await sync('light');
    await sync('full');
    // The tags were not read yet: the index only says that they differ.
    const found = [
      `account:${both!.id} updated-core`,
      `account:${both!.id} updated-placement`,
      `account:${created!.id} updated-placement`,
      `ou:${organizationalUnitId} created`,
    ].sort();
    expect(await foundChanges()).toEqual(found);
    await organization.readTags();
    await sync('light');
    expect(await foundChanges()).toEqual(found);
  });
});
