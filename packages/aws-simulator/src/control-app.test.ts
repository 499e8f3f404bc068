import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createControlApp, type SimulatedTruth } from './control-app.js';
import { startSimulator, type Simulator } from './simulator.js';

let simulator: Simulator;
let server: Server;
let url: string;
beforeEach(async () => {
  simulator = await startSimulator({ seed: 4, accounts: 12, organizationalUnits: 3 });
  server = createServer(createControlApp(simulator));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await simulator.close();
});

const truth = async () => (await fetch(`${url}/organization`)).json() as Promise<SimulatedTruth>;
const post = (path: string) => fetch(`${url}${path}`, { method: 'POST' });

it('tells the whole organization, so that another process has the same truth', async () => {
  const copy = await startSimulator({ seed: 4, accounts: 12, organizationalUnits: 3, snapshot: (await truth()).snapshot });
  expect([...copy.organization.accounts]).toEqual([...simulator.organization.accounts]);
  await copy.close();
});

it('lets things happen, and says what', async () => {
  const before = JSON.stringify((await truth()).snapshot);
  const written = (await (await post('/writes?count=5&seed=1')).json()) as unknown[];
  expect(written).toHaveLength(5);
  expect(JSON.stringify((await truth()).snapshot)).not.toBe(before);

  const id = simulator.organization.managementAccount.id;
  expect((await post(`/tags?resource=${id}&key=Team&value=platform`)).status).toBe(204);
  expect(simulator.organization.managementAccount.tags.get('Team')).toBe('platform');
});

it('refuses what it cannot read, and says why', async () => {
  const refused = await post('/writes?count=many');
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('count');
  expect((await post('/tags?resource=1')).status).toBe(400);
});

it('changes behaviours, and refuses those that there are not', async () => {
  const behave = (body: object) =>
    fetch(`${url}/behaviours`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  expect((await behave({ denied: ['ListRoots'], clockSkewMs: -60_000 })).status).toBe(204);
  expect(simulator.behaviours).toMatchObject({ denied: ['ListRoots'], clockSkewMs: -60_000, lossRate: 0 });
  for (const [body, named] of [
    [{ lossRate: 2 }, 'lossRate'],
    [{ mood: 'bad' }, 'mood'],
    [{ failing: { ListRoots: 'softly' } }, 'failing'],
  ] as const) {
    const refused = await behave(body);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(named);
  }
  expect(simulator.behaviours.lossRate).toBe(0);
  expect((await post('/behaviours')).status).toBe(400);
});
