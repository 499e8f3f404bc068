import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRoleVerifier } from '@orgtrail/aws';
import { migrate } from '@orgtrail/database';
import { createApiServer, createLogger, type ApiToken } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import express from 'express';
import { updateRecognition } from '../integrations/sql/update-integration.js';
import { migrations } from '../migrations/index.js';
import { askRefresh } from '../refresh/sql/ask-refresh.js';
import { subjectKey } from '../subjects.js';
import { createDiscoveryApi, type DiscoveryApiOptions } from './api.fixture.js';
import { routes } from './routes.js';

const reader: ApiToken = { name: 'rita', role: 'reader', token: 'r'.repeat(32) };
const admin: ApiToken = { name: 'ana', role: 'admin', token: 'a'.repeat(32) };
let database: TestDatabase;
const servers: Server[] = [];

async function serve(tokens: readonly ApiToken[]): Promise<string> {
  const options: DiscoveryApiOptions = {
    tokens,
    pool: database.pool,
    logger: createLogger({ service: 'test', level: 'silent' }),
    verifier: () =>
      createRoleVerifier({
        endpoint: 'http://127.0.0.1:9',
        region: 'us-east-1',
        credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
      }),
    doctor: {
      examine: async (which) => ({
        installation: [],
        integrations: (await which()).map(({ id }) => ({ id, name: '', checks: [] })),
      }),
    },
    wake: () => undefined,
  };
  const server = createServer(express().use(createDiscoveryApi(options)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Sent {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

async function send(base: string, method: string, path: string, { token, body, headers }: Sent = {}) {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    answer: (text === '' ? undefined : JSON.parse(text)) as Record<string, unknown>,
  };
}

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await database.drop();
});

describe('the route table', () => {
  const pathOf = (path: string) => path.replace(':integration', 'none').replace(':accountId', '111122223333');

  it.each(routes.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const))(
    '%s answers nobody without a token of its role',
    async (_name, { method, path, role }) => {
      const base = await serve([reader, admin]);
      const call = (sent: Sent) => send(base, method.toUpperCase(), pathOf(path), sent);
      expect((await call({})).status).toBe(401);
      expect((await call({ token: 'x'.repeat(32) })).status).toBe(401);
      expect((await call({ token: reader.token })).status === 403).toBe(role === 'admin');
      expect([401, 403]).not.toContain(
        (await call({ token: admin.token, ...(method === 'post' || method === 'patch' ? { body: {} } : {}) })).status,
      );
    },
  );

  it('lets only readers read, and admins everything', () => {
    // The doctor is asked by POST, since it asks AWS; it changes nothing.
    const writes = routes.filter(({ method, path }) => method !== 'get' && path !== '/v1/doctor');
    expect(writes.filter(({ role }) => role !== 'admin')).toEqual([]);
  });
});

describe('without tokens', () => {
  it('answers this machine, under a name of this machine only', async () => {
    const base = await serve([]);
    expect((await send(base, 'GET', '/v1/integrations')).status).toBe(200);
    const { port } = new URL(base);
    const status = await new Promise((resolve, reject) => {
      httpRequest(
        { host: '127.0.0.1', port, path: '/v1/integrations', headers: { host: `rebound.example:${port}` } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['no readable origin', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
  ])('answers no page of %s', async (_what, headers) => {
    const base = await serve([]);
    expect((await send(base, 'POST', '/v1/integrations/none/pause', { headers })).status).toBe(403);
  });

  it('refuses to listen on a public address', () => {
    const options = { parts: [], tokens: [], logger: createLogger({ service: 'test', level: 'silent' }) };
    expect(() => createApiServer({ ...options, host: '0.0.0.0', port: 0 })).toThrow(/API_TOKENS/);
    expect(() => createApiServer({ ...options, host: '127.0.0.1', port: 0 })).not.toThrow();
  });
});

describe('strangers', () => {
  it.each([
    ['a body that is no JSON', { body: '{"name":' }, 400],
    ['a body that is too large', { body: JSON.stringify({ name: 'x'.repeat(100_000) }) }, 413],
    ['another content type', { body: 'name=x', headers: { 'content-type': 'text/plain' } }, 415],
    ['an unknown setting', { body: { name: 'x', roleARN: 'y' } }, 400],
    ['no name', { body: {} }, 400],
    ['text that PostgreSQL cannot keep', { body: { name: 'x', skipTag: { key: 'a\0', value: '\ud800' } } }, 400],
  ])('are refused clearly: %s', async (_what, sent, status) => {
    const base = await serve([admin]);
    const refused = await send(base, 'POST', '/v1/integrations', { ...sent, token: admin.token });
    expect(refused).toMatchObject({
      status,
      type: expect.stringContaining('application/problem+json'),
      answer: { status, detail: expect.any(String) },
    });
  });

  it.each([
    ['roleArn', 'arn:aws:iam::1:role/x', 'arn:aws:iam::111122223333:role/security/orgtrail'],
    ['externalId', 'x', '2 to 1,224'],
    ['syncInterval', '2h', '4h'],
    ['syncInterval', '5s', '4h'],
    ['skipTag', { key: 'aws:x', value: 'SKIP' }, 'j1-integration'],
    ['excludeOrganizationalUnits', ['ou-1'], 'ou-ab12-11112222'],
    ['queueUrl', 'sqs', 'https://sqs.us-east-1.amazonaws.com'],
    ['negativeCheckDays', 0.5, '30'],
    ['forwardingAccountIds', ['1'], '111122223333'],
  ])('hear what is wrong with %s and see a right example', async (field, value, example) => {
    const base = await serve([]);
    const { status, answer } = await send(base, 'POST', '/v1/integrations', { body: { name: 'wrong', [field]: value } });
    expect(status).toBe(400);
    expect(JSON.stringify(answer)).toContain(field);
    expect(JSON.stringify(answer)).toContain(example);
  });
});

describe('integrations', () => {
  it('are rotated once when two ask for it at once, so that no external id is forgotten that roles still demand', async () => {
    const base = await serve([]);
    const { answer } = await send(base, 'POST', '/v1/integrations', { body: { name: 'rotated twice' } });
    const path = `/v1/integrations/${String(answer['id'])}/rotate-external-id`;
    const both = await Promise.all([send(base, 'POST', path, { body: {} }), send(base, 'POST', path, { body: {} })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { rows } = await database.pool.query<{ previous: string }>(
      `SELECT previous_external_id AS previous FROM discovery.integrations WHERE id = $1`,
      [answer['id']],
    );
    expect(rows[0]?.previous).toBe(answer['externalId']);
  });

  it('have a webhook secret that is shown once, and of which only its times are shown afterwards', async () => {
    const base = await serve([reader, admin]);
    const { token } = admin;
    const { id } = (await send(base, 'POST', '/v1/integrations', { token, body: { name: 'posted to' } })).answer;
    const path = `/v1/integrations/${String(id)}`;
    expect((await send(base, 'POST', `${path}/webhook-secret`, { token: reader.token })).status).toBe(403);
    const made = await send(base, 'POST', `${path}/webhook-secret`, { token });
    expect(made).toMatchObject({
      status: 201,
      answer: { path: `/v1/events/${String(id)}`, header: 'x-orgtrail-webhook-secret', isListening: false },
    });
    expect(made.answer).not.toHaveProperty('previousValidUntil');
    const secret = String(made.answer['secret']);
    expect(secret).toMatch(/^orgtrail-webhook-[\w-]{43}$/);
    const shown = (await send(base, 'GET', path, { token: reader.token })).answer;
    expect(shown['webhook']).toEqual({ since: expect.any(String) });
    expect(JSON.stringify(shown)).not.toContain(secret);

    const rotated = (await send(base, 'POST', `${path}/webhook-secret`, { token, body: { overlapHours: 1 } })).answer;
    expect(rotated['secret']).not.toBe(secret);
    const again = (await send(base, 'GET', path, { token })).answer;
    expect(again['webhook']).toEqual({ since: expect.any(String), previousValidUntil: rotated['previousValidUntil'] });
    expect(await send(base, 'POST', `${path}/webhook-secret`, { token, body: { overlapHours: 1 } })).toMatchObject({
      status: 409,
      answer: { code: 'OVERLAP_LASTS' },
    });
    expect((await send(base, 'POST', `${path}/webhook-secret`, { token, body: { overlapHours: -1 } })).status).toBe(400);

    expect((await send(base, 'DELETE', `${path}/webhook-secret`, { token })).status).toBe(204);
    expect((await send(base, 'GET', path, { token })).answer).not.toHaveProperty('webhook');
    const { rows } = await database.pool.query<{ detail: object }>(
      `SELECT detail FROM discovery.admin_actions WHERE integration_id = $1`,
      [id],
    );
    expect(rows).toHaveLength(4);
    expect(JSON.stringify(rows)).not.toContain('orgtrail-webhook-');
  });

  it('tell what is to be read, and how long that takes', async () => {
    const base = await serve([reader, admin]);
    const { id } = (await send(base, 'POST', '/v1/integrations', { token: admin.token, body: { name: 'busy' } })).answer;
    const asked = Array.from({ length: 20 }, (_, index) => subjectKey('account', String(index).padStart(12, '0')));
    await askRefresh(
      database.pool,
      String(id),
      asked.map((subject) => ({ subject, parts: ['tags'], reason: 'event' })),
    );
    const { answer } = await send(base, 'GET', `/v1/integrations/${String(id)}`, { token: reader.token });
    expect(answer).toMatchObject({ backlog: { due: 20, waiting: 0, open: 20, stuck: 0, expectedSeconds: 4 } });
  });

  it('are synced as a whole, or lightly, and show how far the sync is', async () => {
    const base = await serve([]);
    const { id } = (await send(base, 'POST', '/v1/integrations', { body: { name: 'synced' } })).answer;
    const path = `/v1/integrations/${String(id)}`;
    const asked = async () => {
      const { rows } = await database.pool.query<{ full: string | null; light: string | null }>(
        `SELECT full_sync_reason AS full, light_sync_reason AS light FROM discovery.integrations WHERE id = $1`,
        [id],
      );
      return rows[0];
    };
    expect(await send(base, 'POST', `${path}/sync`, { body: { kind: 'light' } })).toMatchObject({ status: 202 });
    expect(await asked()).toEqual({ full: null, light: 'asked for by local' });
    expect(await send(base, 'POST', `${path}/sync`)).toMatchObject({ status: 202 });
    expect(await asked()).toEqual({ full: 'asked for by local', light: 'asked for by local' });
    expect(await send(base, 'POST', `${path}/sync`, { body: { kind: 'half' } })).toMatchObject({ status: 400 });
    expect(await send(base, 'POST', `${path}/sync`, { body: { light: true } })).toMatchObject({
      status: 400,
      answer: { detail: expect.stringContaining('either {"kind":"full"} or {"kind":"light"}') },
    });

    const running = { kind: 'full', startedAt: '2026-11-01T00:00:00.000Z', accounts: 400, of: 1000, organizationalUnits: 3 };
    await database.pool.query(
      `UPDATE discovery.integrations SET sync_progress = $2, full_sync_lease_until = clock_timestamp() + interval '9 seconds' WHERE id = $1`,
      [id, JSON.stringify(running)],
    );
    expect((await send(base, 'GET', path)).answer).toMatchObject({ sync: { running } });
  });

  it('have every action of an administrator kept, and none of a reader', async () => {
    const base = await serve([reader, admin]);
    const { token } = admin;
    const actionsOf = async (id: unknown) =>
      (
        await database.pool.query<{ who: string; action: string; detail: object }>(
          `SELECT who, action, detail FROM discovery.admin_actions WHERE integration_id = $1 ORDER BY id`,
          [id],
        )
      ).rows;
    const { id } = (await send(base, 'POST', '/v1/integrations', { token, body: { name: 'kept' } })).answer;
    const path = `/v1/integrations/${String(id)}`;
    await send(base, 'GET', path, { token: reader.token });
    await send(base, 'PATCH', path, { token, body: { description: 'x', tagAsProduction: true } });
    await send(base, 'POST', `${path}/pause`, { token });
    await send(base, 'DELETE', path, { token });
    expect(await actionsOf(id)).toEqual([
      { who: 'ana', action: 'create integration', detail: {} },
      { who: 'ana', action: 'change integration', detail: { settings: ['description', 'tagAsProduction'] } },
      { who: 'ana', action: 'pause integration', detail: {} },
      { who: 'ana', action: 'remove integration', detail: {} },
    ]);
  });

  it('are created, shown, changed, paused, resumed, rotated and removed; what is not given stays', async () => {
    const base = await serve([admin]);
    const token = admin.token;
    const roleArn = 'arn:aws:iam::111122223333:role/security/orgtrail';
    const created = await send(base, 'POST', '/v1/integrations', { token, body: { name: 'One', roleArn } });
    expect(created).toMatchObject({
      status: 201,
      answer: { name: 'One', roleArn, state: 'active', configureOrganizationAccounts: true, condition: { code: 'WAITING' } },
    });
    expect(created.answer['externalId']).toMatch(/^orgtrail-[0-9a-f]{32}$/);
    const path = `/v1/integrations/${String(created.answer['id'])}`;

    expect(await send(base, 'PATCH', path, { token, body: { description: 'ours' } })).toMatchObject({
      status: 200,
      answer: { description: 'ours', roleArn, name: 'One' },
    });
    expect(
      await send(base, 'PATCH', path, {
        token,
        body: { excludeOrganizationalUnits: ['ou-ab12-11112222'], includeOrganizationalUnits: ['ou-ab12-11112222'] },
      }),
    ).toMatchObject({ status: 400 });
    expect(await send(base, 'PATCH', path, { token, body: {} })).toMatchObject({ status: 400 });
    expect(await send(base, 'POST', '/v1/integrations', { token, body: { name: 'one' } })).toMatchObject({
      status: 409,
      answer: { code: 'NAME_TAKEN' },
    });

    await updateRecognition(database.pool, String(created.answer['id']), {
      organizationId: 'o-aaaaaaaaaa',
      partition: 'aws',
      managementAccountId: '111122223333',
      isManagementAccount: true,
    });
    expect(await send(base, 'POST', '/v1/integrations', { token, body: { name: 'again', roleArn } })).toMatchObject({
      status: 409,
      answer: { code: 'ORGANIZATION_ALREADY_INTEGRATED' },
    });
    expect(await send(base, 'GET', '/v1/integrations/One', { token })).toMatchObject({ status: 200 });
    expect(await send(base, 'GET', '/v1/integrations/o-aaaaaaaaaa', { token })).toMatchObject({ status: 200 });

    expect(await send(base, 'POST', `${path}/pause`, { token })).toMatchObject({ answer: { state: 'paused' } });
    expect(await send(base, 'POST', `${path}/sync`, { token })).toMatchObject({ status: 409 });
    expect(await send(base, 'POST', `${path}/resume`, { token })).toMatchObject({ answer: { state: 'active' } });
    expect(await send(base, 'POST', `${path}/sync`, { token })).toMatchObject({ status: 202 });

    const rotated = await send(base, 'POST', `${path}/rotate-external-id`, { token, body: { overlapHours: 1 } });
    expect(rotated.answer['externalId']).not.toBe(created.answer['externalId']);
    expect(JSON.stringify(rotated.answer)).not.toContain(String(created.answer['externalId']));
    expect(await send(base, 'POST', `${path}/rotate-external-id`, { token, body: {} })).toMatchObject({ status: 409 });
    expect(await send(base, 'POST', `${path}/purge-email`, { token })).toMatchObject({
      status: 409,
      answer: { code: 'MEMBERS_ARE_CONFIGURED' },
    });
    expect(await send(base, 'GET', `${path}/members/111122223333`, { token })).toMatchObject({ status: 404 });
    expect(await send(base, 'GET', `${path}/members?status=NOPE`, { token })).toMatchObject({ status: 400 });
    expect(await send(base, 'GET', `${path}/trust-policy`, { token })).toMatchObject({ status: 502 });

    const { rows } = await database.pool.query<{ who: string; action: string }>(
      `SELECT who, action FROM discovery.admin_actions ORDER BY id DESC LIMIT 1`,
    );
    expect(rows[0]).toEqual({ who: 'ana', action: 'rotate external id' });
  });
});
