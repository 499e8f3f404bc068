import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRoleVerifier } from '@orgtrail/aws';
import { migrate } from '@orgtrail/database';
import { createLogger } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import express from 'express';
import { integrationSettings } from '../integrations/settings.js';
import { insertIntegration } from '../integrations/sql/insert-integration.js';
import { migrations } from '../migrations/index.js';
import { createDiscoveryApi } from './api.fixture.js';

let database: TestDatabase;
let server: Server;
const integrationId = crypto.randomUUID();
const token = 'a'.repeat(32);

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
  await insertIntegration(database.pool, {
    id: integrationId,
    settings: integrationSettings.parse({ name: 'Production' }),
    externalId: undefined,
  });
  await database.pool.query(
    `INSERT INTO discovery.held_deletions (integration_id, subject) SELECT $1, 'account:00000000000' || n FROM generate_series(1, 3) AS n`,
    [integrationId],
  );
  const api = createDiscoveryApi({
    tokens: [{ name: 'ana', role: 'admin', token }],
    pool: database.pool,
    logger: createLogger({ service: 'test', level: 'silent' }),
    verifier: () => createRoleVerifier({ endpoint: 'http://127.0.0.1:9', region: 'us-east-1' }),
    doctor: { examine: () => Promise.reject(new Error('There is no doctor here.')) },
    wake: () => undefined,
  });
  server = createServer(express().use(api));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await database.drop();
});

async function send(method: string, path: string, body?: object) {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/integrations/Production`;
  const response = await fetch(`${address}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

it('held deletions are listed, approved and discarded, and it is kept who did so with which', async () => {
  expect((await send('GET', '')).answer).toMatchObject({ heldDeletions: 3, holdDeletionsAbove: { accounts: 3, percent: 5 } });
  expect((await send('GET', '/held-deletions')).answer).toMatchObject({
    heldDeletions: [1, 2, 3].map((n) => ({ subject: `account:00000000000${n}`, heldAt: expect.any(String) })),
  });
  expect(await send('POST', '/held-deletions/approve', { subjects: ['account:000000000001', 'account:000000000009'] })).toEqual({
    status: 202,
    answer: { approved: ['account:000000000001'], notHeld: ['account:000000000009'] },
  });
  expect(await send('POST', '/held-deletions/discard', { subjects: ['account:000000000002'] })).toMatchObject({
    status: 200,
    answer: { discarded: ['account:000000000002'], notHeld: [] },
  });
  expect((await send('GET', '/held-deletions')).answer).toMatchObject({
    heldDeletions: [{ subject: 'account:000000000001', approvedBy: 'ana' }, { subject: 'account:000000000003' }],
  });
  expect((await send('POST', '/held-deletions/discard')).answer).toMatchObject({
    discarded: expect.arrayContaining(['account:000000000001', 'account:000000000003']),
    approvalsTakenBack: [{ subject: 'account:000000000001', approvedBy: 'ana' }],
  });
  const { rows } = await database.pool.query<object>(
    `SELECT who, action, detail FROM discovery.admin_actions WHERE integration_id = $1 ORDER BY id`,
    [integrationId],
  );
  expect(rows).toEqual([
    { who: 'ana', action: 'approve held deletions', detail: { subjects: ['account:000000000001'] } },
    { who: 'ana', action: 'discard held deletions', detail: { subjects: ['account:000000000002'] } },
    {
      who: 'ana',
      action: 'discard held deletions',
      detail: { subjects: expect.arrayContaining(['account:000000000001', 'account:000000000003']) },
    },
  ]);
});

it.each([{}, { subjects: [] }, { subjects: ['account:1'] }, { subjects: ['delegation:111122223333'] }])(
  'an approval of %j is refused: it needs the list that was seen',
  async (body) => {
    const { status, answer } = await send('POST', '/held-deletions/approve', body);
    expect({ status, code: answer['code'] }).toEqual({ status: 400, code: 'INVALID' });
  },
);
