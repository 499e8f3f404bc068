import { afterEach, describe, expect, it } from '@jest/globals';
import { createRandom } from '../random.js';
import { startSimulator, type Simulator } from '../simulator.js';
import { startLife } from './life.js';
import { randomWrite, writes, type RandomWrite } from './random-write.js';

let simulator: Simulator;
afterEach(() => simulator.close());

const start = async (): Promise<void> => {
  simulator = await startSimulator({ seed: 42, accounts: 60, organizationalUnits: 14 });
};

describe('random writes', () => {
  it('are of every kind, follow from the seed, and are all told of', async () => {
    const run = async (): Promise<RandomWrite[]> => {
      await start();
      const random = createRandom(4);
      return Array.from({ length: 600 }, () => randomWrite(simulator, random));
    };
    const first = await run();
    expect(new Set(first.map(({ operation }) => operation))).toEqual(new Set(Object.keys(writes)));
    const told = new Set(simulator.events.emitted.map(({ eventName }) => eventName));
    for (const name of Object.keys(writes)) expect(told).toContain(name === 'Clean' ? 'AccountDepartedOrganization' : name);
    expect(simulator.events.emitted.filter(({ record }) => record.errorCode !== undefined)).toEqual([]);
    await simulator.close();
    expect(await run()).toEqual(first);
  });

  it('leave a whole tree behind, of about the same size', async () => {
    await start();
    const random = createRandom(5);
    for (let write = 0; write < 2000; write += 1) {
      randomWrite(simulator, random);
      const { organization } = simulator;
      expect(organization.accounts.size).toBeLessThanOrEqual(90);
      expect(organization.accounts.size).toBeGreaterThanOrEqual(48);
    }
    const { organization } = simulator;
    for (const { parentId } of organization.accounts.values()) expect(organization.isParent(parentId)).toBe(true);
    for (const { parentId } of organization.organizationalUnits.values()) expect(organization.isParent(parentId)).toBe(true);
    for (const { accountId } of organization.delegations.values()) expect(organization.accounts.has(accountId)).toBe(true);
    for (const id of organization.departures.keys()) expect(organization.accounts.has(id)).toBe(false);
  });

  it('that AWS refuses are drawn again: the same seed twice in one organization asks for names and invitations that exist', async () => {
    await start();
    for (const _ of ['first', 'second']) {
      const random = createRandom(4);
      expect(Array.from({ length: 300 }, () => randomWrite(simulator, random))).toHaveLength(300);
    }
    expect(simulator.events.emitted.filter(({ record }) => record.errorCode !== undefined)).not.toEqual([]);
  });

  it('leave a skipped, a suspended and a closed account as they are', async () => {
    await start();
    const before = [...simulator.organization.accounts.values()];
    const skipped = before.filter(({ tags }) => tags.get('j1-integration') === 'SKIP');
    const special = before.filter(({ state }) => state === 'SUSPENDED' || state === 'CLOSED');
    const random = createRandom(6);
    for (let write = 0; write < 1000; write += 1) randomWrite(simulator, random);
    expect(special).toHaveLength(2);
    for (const account of special) expect(simulator.organization.accounts.get(account.id)).toBe(account);
    expect(
      skipped.filter((account) => simulator.organization.accounts.get(account.id) === account).length,
    ).toBeGreaterThanOrEqual(1);
  });
});

describe('life', () => {
  it('lets things happen until it is stopped', async () => {
    await start();
    const seen: RandomWrite[] = [];
    await new Promise<void>((resolve) => {
      const life = startLife(simulator, {
        everyMs: 2,
        seed: 1,
        onWrite: (write) => {
          seen.push(write);
          if (seen.length < 30) return;
          void life.stop().then(resolve);
        },
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toHaveLength(30);
    expect(simulator.events.emitted.length).toBeGreaterThanOrEqual(30);
  });
});
