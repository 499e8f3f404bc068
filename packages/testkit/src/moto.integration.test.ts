import { afterAll, describe, expect, it } from '@jest/globals';
import { buildMotoOrganization } from './moto-organization.js';
import { startMoto } from './moto.js';

const moto = await startMoto();

(moto ? describe : describe.skip)('an organization in moto', () => {
  afterAll(() => moto?.stop());

  it('has the shape that was asked for, and is described as it was built', async () => {
    const described = await buildMotoOrganization(moto!.endpoint, { accounts: 60, organizationalUnits: 8, depth: 4 });
    const { organization, roots, organizationalUnits, accounts, delegated } = described;

    expect(accounts).toHaveLength(60);
    expect(organizationalUnits).toHaveLength(8);
    expect(accounts.map(({ id }) => id)).toContain(organization.managementAccountId);

    const parents = new Map(organizationalUnits.map(({ id, parentId }) => [id, parentId]));
    const levelOf = (id: string): number => (parents.has(id) ? levelOf(parents.get(id)!) + 1 : 0);
    expect(Math.max(...organizationalUnits.map(({ id }) => levelOf(id)))).toBe(4);
    const homes = new Set(accounts.map(({ parentId }) => parentId));
    expect(homes).toContain(roots[0]!.id);
    // All but one of the OUs, and the root.
    expect(homes.size).toBe(8);

    const tagOf = (email: string) => accounts.find((account) => account.email === email)!.tags;
    expect(tagOf('account-1@example.com')).toEqual({ Email: 'owner@example.com', empty: '' });
    expect(tagOf('account-0@example.com')).toEqual({});
    expect(accounts.filter(({ state }) => state === 'SUSPENDED').map(({ email }) => email)).toEqual(['account-49@example.com']);
    expect(accounts.every(({ joinedTimestamp }) => Number.isInteger(joinedTimestamp))).toBe(true);
    expect(delegated.map(({ servicePrincipals }) => servicePrincipals.length).sort()).toEqual([1, 2, 3, 3]);
    expect(new Set([...roots, ...organizationalUnits, ...accounts].map(({ arn }) => arn)).size).toBe(69);
  }, 60_000);

  it('ends with its server', async () => {
    await moto!.stop();
    expect(() => process.kill(moto!.pid, 0)).toThrow('ESRCH');
    await moto!.stop();
  });
});
