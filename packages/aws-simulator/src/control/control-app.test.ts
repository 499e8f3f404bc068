import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { startSimulator, type Simulator } from '../simulator.js';
import { createControlApp } from './control-app.js';
import { controlRoutes, type SimulatedTruth } from './routes.js';

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
const get = async (path: string) => (await fetch(`${url}${path}`)).json() as Promise<Record<string, unknown>>;
const postJson = (path: string, body: unknown) =>
  fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

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
  const behave = (body: object) => postJson('/behaviours', body);
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

it('does every write that there is, with its input as JSON', async () => {
  const { accounts, root } = simulator.organization;
  const member = [...accounts.values()].find(({ state, parentId }) => state === 'ACTIVE' && parentId !== root.id)!;
  expect((await postJson('/actions/moveAccount', { accountId: member.id, destinationParentId: root.id })).status).toBe(200);
  expect(accounts.get(member.id)?.parentId).toBe(root.id);
  expect((await postJson('/actions/suspend', member.id)).status).toBe(200);
  expect((await postJson('/actions/reinstate', { accountId: member.id })).status).toBe(200);
  expect(accounts.get(member.id)?.state).toBe('ACTIVE');
  const created = await (await postJson('/actions/createAccount', { accountName: 'new', email: 'new@example.com' })).json();
  expect((created as { accountId: string }).accountId).toMatch(/^\d{12}$/);
});

it('says what an action does not take, in the words of AWS', async () => {
  const refused = await postJson('/actions/moveAccount', { accountId: '999999999999', destinationParentId: 'r-none' });
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('AccountNotFoundException')]);
  for (const [path, body, named] of [
    ['/actions/constructor', {}, 'moveAccount'],
    ['/actions/clean', {}, 'One id'],
    ['/actions/clean', '000000000000', 'no account'],
  ] as const) {
    const response = await postJson(path, body);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(named)]);
  }
});

it('lets time go by, and life, and stops it', async () => {
  const now = Date.parse(((await (await post('/advance?ms=86400000')).json()) as { now: string }).now);
  expect(now - Date.now()).toBeGreaterThan(86_390_000);
  expect((await post('/life?everyMs=5')).status).toBe(204);
  while (simulator.events.count === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await fetch(`${url}/life`, { method: 'DELETE' })).status).toBe(204);
  const { count } = simulator.events;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(simulator.events.count).toBe(count);
  expect((await post('/advance?ms=-1')).status).toBe(400);
});

it('lives on when the same life is asked for again', async () => {
  for (const count of [300, 300]) expect((await post(`/writes?count=${count}&seed=1`)).status).toBe(200);
  expect((await post('/life?everyMs=1&seed=1')).status).toBe(204);
  const { count } = simulator.events;
  while (simulator.events.count < count + 100) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await fetch(`${url}/life`, { method: 'DELETE' })).status).toBe(204);
});

it('takes a body as JSON whatever it says it is, and refuses in plain text', async () => {
  const untyped = await fetch(`${url}/behaviours`, { method: 'POST', body: '{"lossRate":0.5}' });
  expect([untyped.status, simulator.behaviours.lossRate]).toEqual([204, 0.5]);
  for (const [method, path, body, status, said] of [
    ['POST', '/behaviours', '{"lossRate":', 400, /JSON/],
    ['POST', '/behaviours', undefined, 400, /expected object/],
    ['POST', '/writes?count=1', undefined, 400, /whole number.*seed/s],
    ['POST', '/life', undefined, 400, /whole number.*everyMs/s],
    ['GET', '/nothing', undefined, 404, /GET \/ lists/],
  ] as const) {
    const refused = await fetch(`${url}${path}`, { method, ...(body === undefined ? {} : { body }) });
    const text = await refused.text();
    expect([path, refused.status, refused.headers.get('content-type')]).toEqual([path, status, 'text/plain; charset=utf-8']);
    expect(text).toMatch(said);
    expect(text).not.toMatch(/NaN|<html/i);
  }
});

it('answers when everything delayed is done', async () => {
  simulator.setBehaviour({ deliveryDelayMs: 50 });
  simulator.actions.tagResource({ resourceId: simulator.organization.root.id, tags: { late: 'yes' } });
  expect(await get('/queue')).toMatchObject({ sent: 0 });
  expect((await post('/settle')).status).toBe(204);
  expect(await get('/queue')).toMatchObject({ url: simulator.queueUrl, visible: 1, inFlight: 0, delayed: 0, sent: 1 });
});

it('tells events from a number on, and what became of them', async () => {
  const tag = (value: string) =>
    simulator.actions.tagResource({ resourceId: simulator.organization.root.id, tags: { a: value } });
  tag('1');
  const { next } = (await get('/events')) as { next: number };
  expect(next).toBe(1);
  simulator.setBehaviour({ lossRate: 1 });
  tag('2');
  expect(await get(`/events?after=${next}`)).toMatchObject({ next: 2, events: [{ eventName: 'TagResource', fate: 'lost' }] });
  expect(await get('/events?after=2')).toEqual({ next: 2, events: [] });
});

it('fills and empties the queue, and counts calls anew', async () => {
  expect((await postJson('/queue/messages', { body: 'not an event' })).status).toBe(200);
  expect(simulator.queue.bodies()).toEqual(['not an event']);
  expect((await fetch(`${url}/queue/messages`, { method: 'DELETE' })).status).toBe(204);
  expect(simulator.queue.bodies()).toEqual([]);
  await fetch(simulator.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSOrganizationsV20161128.ListRoots' },
    body: '{}',
  });
  expect(await get('/calls')).toEqual({ ListRoots: 1 });
  expect((await fetch(`${url}/calls`, { method: 'DELETE' })).status).toBe(204);
  expect(await get('/calls')).toEqual({});
});

it('lists what there is, and so does the README, with all behaviours', async () => {
  const listed = await (await fetch(url)).text();
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  for (const { method, path } of controlRoutes(simulator)) {
    expect(listed).toContain(`${method} ${path}`);
    expect(readme).toContain(`| \`${method} ${path}\` |`);
  }
  for (const name of Object.keys(simulator.behaviours)) expect(readme).toContain(`\n| \`${name}\` | `);
});
