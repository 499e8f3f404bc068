import { ListAccountsCommand } from '@aws-sdk/client-organizations';
import { describe, expect, it } from '@jest/globals';
import { generateOrganization } from '../generate/generate-organization.js';
import { createRandom } from '../random.js';
import { startSimulator } from '../simulator.js';
import { randomWrite } from '../life/random-write.js';
import { customerOf } from '../testing/customer.js';
import { OrganizationView } from './view.js';
import { restoreSnapshot, takeSnapshot, type SimulatorSnapshot } from './snapshot.js';

const plain = (view: OrganizationView) => ({
  root: view.root,
  accounts: new Map(view.accounts),
  organizationalUnits: new Map(view.organizationalUnits),
  delegations: new Map(view.delegations),
  handshakes: new Map(view.handshakes),
  everTagged: new Map(view.everTagged),
});

describe('the past of an organization', () => {
  it('is answered as it was at every moment', async () => {
    let clock = 1_000_000;
    const simulator = await startSimulator({ seed: 31, accounts: 30, organizationalUnits: 10, now: () => clock });
    const client = customerOf(simulator).organizations;
    const listed = async (staleReadsMs: number): Promise<Map<string, string>> => {
      simulator.setBehaviour({ staleReadsMs, pageSize: 100 });
      const { Accounts } = await client.send(new ListAccountsCommand({}));
      return new Map(Accounts!.map(({ Id, Paths, Name }) => [Id!, `${Name!} ${Paths![0]!}`]));
    };
    try {
      const random = createRandom(1);
      const history = [{ at: clock, listed: await listed(0) }];
      for (let write = 0; write < 60; write += 1) {
        clock += 1000;
        randomWrite(simulator, random);
        history.push({ at: clock, listed: await listed(0) });
      }
      expect(history[0]!.listed).not.toEqual(history.at(-1)!.listed);
      for (const moment of history) expect(await listed(clock - moment.at)).toEqual(moment.listed);
    } finally {
      await simulator.close();
    }
  });
});

describe('the lists of an organization', () => {
  it('follow every change as if they were made anew', async () => {
    const simulator = await startSimulator({ seed: 32, accounts: 30, organizationalUnits: 10 });
    const { identity } = simulator.organization;
    const listsOf = (view: OrganizationView) => ({
      accounts: view.accountsInOrder.map(({ id, name }) => [id, name]),
      tagged: [...view.taggedArns],
      children: [view.root.id, ...view.organizationalUnits.keys()].map((id) => {
        const { accounts, organizationalUnits } = view.childrenOf(id);
        return [id, accounts.map((account) => account.id), organizationalUnits.map(({ name }) => name)];
      }),
      administrators: [...view.accounts.keys()].filter((id) => view.isDelegatedAdministrator(id)),
    });
    try {
      const random = createRandom(7);
      for (let write = 0; write < 300; write += 1) {
        const { operation } = randomWrite(simulator, random);
        const { tables } = restoreSnapshot(simulator.snapshot());
        expect([operation, listsOf(simulator.organization)]).toEqual([
          operation,
          listsOf(new OrganizationView(identity, tables)),
        ]);
      }
    } finally {
      await simulator.close();
    }
  });
});

describe('a snapshot', () => {
  it('brings the same organization back', async () => {
    const simulator = await startSimulator({ seed: 8, accounts: 20, organizationalUnits: 6 });
    const random = createRandom(2);
    for (let write = 0; write < 40; write += 1) randomWrite(simulator, random);
    const text = JSON.stringify(simulator.snapshot());
    await simulator.close();
    const again = await startSimulator({
      seed: 8,
      accounts: 20,
      organizationalUnits: 6,
      snapshot: JSON.parse(text) as SimulatorSnapshot,
    });
    try {
      expect(plain(again.organization)).toEqual(plain(simulator.organization));
      expect(again.credentials).toEqual(simulator.credentials);
      const { accountId } = again.actions.createAccount({ accountName: 'later', email: 'later@example.com' });
      const { accountId: other } = simulator.actions.createAccount({ accountName: 'later', email: 'later@example.com' });
      expect(accountId).not.toBe(other);
    } finally {
      await again.close();
    }
  });

  it('is refused when it is none', () => {
    const { identity, tables } = generateOrganization({ seed: 1, accounts: 2, organizationalUnits: 1 });
    const snapshot = takeSnapshot(identity, tables, 3);
    expect(restoreSnapshot(snapshot)).toEqual({ identity, tables, restarts: 3 });
    expect(() => restoreSnapshot({ ...snapshot, version: 2 } as unknown as SimulatorSnapshot)).toThrow();
    expect(() => restoreSnapshot({} as SimulatorSnapshot)).toThrow();
  });
});
