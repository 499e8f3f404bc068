import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase } from '@orgtrail/testkit';
import { startSyncedOrganization, type SyncedOrganization } from './sync.fixture.js';

jest.setTimeout(120_000);

let organization: SyncedOrganization;
afterEach(() => organization.stop());
const sum = (calls: Readonly<Record<string, number>>) => Object.values(calls).reduce((total, count) => total + count, 0);

describe('what a sync costs', () => {
  it('is one call for 20 accounts, one for an OU, one for 100 tagged resources, and a handful, at 1,000 accounts', async () => {
    organization = await startSyncedOrganization(await createTestDatabase(), {
      seed: 7,
      accounts: 1000,
      organizationalUnits: 100,
    });
    const { simulator, sync } = organization;
    const { calls } = await sync('full', { isBaseline: true });
    const tagged = [...simulator.organization.everTagged.keys()].length;
    expect(calls).toEqual({
      DescribeOrganization: 1,
      ListRoots: 1,
      ListAccounts: 50,
      ListOrganizationalUnitsForParent: 101,
      GetResources: Math.ceil(tagged / 100),
      ListDelegatedAdministrators: 1,
      ListDelegatedServicesForAccount: 2,
      ListHandshakesForOrganization: 1,
    });
    expect(calls).toEqual(simulator.calls);
    expect(sum(calls) - 2).toBeLessThanOrEqual(170);

    simulator.resetCalls();
    const light = await sync('light');
    expect(light.calls).toEqual({ DescribeOrganization: 1, ListAccounts: 50, GetResources: Math.ceil(tagged / 100) });
    expect(light.calls).toEqual(simulator.calls);
    expect(sum(light.calls)).toBeLessThanOrEqual(65);
  });

  it('stays below 815 calls at 5,000 accounts in 500 OUs', async () => {
    organization = await startSyncedOrganization(await createTestDatabase(), {
      seed: 8,
      accounts: 5000,
      organizationalUnits: 500,
    });
    const { calls } = await organization.sync('full', { isBaseline: true });
    expect(calls).toMatchObject({ ListAccounts: 250 });
    expect(sum(calls) - (calls['ListDelegatedServicesForAccount'] ?? 0)).toBeLessThanOrEqual(815);
  });
});
