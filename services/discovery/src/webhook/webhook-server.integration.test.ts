import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { createIntegration, newIntegration, removeIntegration, setPaused } from '../integrations/administer.js';
import type { Integration } from '../integrations/integration.js';
import { holdEvents, moveOf } from '../intake/intake.fixture.js';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import { migrations } from '../migrations/index.js';
import { createDiscoveryMetrics } from '../proof/metrics.js';
import { removeWebhookSecret, rotateWebhookSecret } from './administer-secret.js';
import { createWebhookServer, type WebhookOptions, type WebhookServer } from './webhook-server.js';

let database: TestDatabase;
let integration: Integration;
let secret: string;
let webhook: WebhookServer;
let woken: string[];
let logged: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());
beforeEach(async () => {
  integration = await insertTestIntegration(database.pool, '111122223333');
  ({ secret } = await rotateWebhookSecret(database.pool, integration.id, { overlapHours: 1 }));
  await start();
});
afterEach(() => webhook.stop());

async function start(more: Partial<WebhookOptions> = {}): Promise<void> {
  await (webhook as WebhookServer | undefined)?.stop();
  woken = [];
  logged = '';
  const logger = createLogger({ service: 'test', level: 'silent' });
  for (const level of ['info', 'warn', 'error'] as const)
    logger[level] = (...said: unknown[]) =>
      void (logged += JSON.stringify(said, (_key, value: unknown) => (value instanceof Error ? value.stack : value)));
  webhook = createWebhookServer({
    host: '127.0.0.1',
    port: 0,
    pool: database.pool,
    metrics: createDiscoveryMetrics(createMetrics().meter),
    logger,
    onHints: (id) => woken.push(id),
    ...more,
  });
  await webhook.start();
  // The secrets, and whose they are, are loaded in the background.
  await until(async () => (await post('{}', { headers: { 'content-type': 'text/plain' } })).status === 415);
}
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUp = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > giveUp) throw new Error(`It did not come to pass: ${condition.toString()}`);
    await delay(20);
  }
}

interface Posted {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}
async function post(
  body: string | Uint8Array,
  given: { secret?: string; id?: string; path?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<Posted> {
  const path = given.path ?? `/v1/events/${given.id ?? integration.id}`;
  const response = await fetch(`http://127.0.0.1:${webhook.port}${path}`, {
    method: given.method ?? 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-orgtrail-webhook-secret': given.secret ?? secret,
      ...given.headers,
    },
    ...(given.method === 'GET' ? {} : { body: body as string }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown>, headers: response.headers };
}
const statusOf = async (...given: Parameters<typeof post>) => (await post(...given)).status;
const noted = async (): Promise<string[]> => {
  const { rows } = await database.pool.query<{ event_id: string }>(
    `SELECT event_id FROM discovery.events WHERE integration_id = $1 ORDER BY event_id`,
    [integration.id],
  );
  return rows.map(({ event_id }) => event_id);
};
const quarantined = async (): Promise<string[]> => {
  const { rows } = await database.pool.query<{ reason: string }>(
    `SELECT reason FROM discovery.quarantined_messages WHERE integration_id = $1 ORDER BY id`,
    [integration.id],
  );
  return rows.map(({ reason }) => reason);
};
describe('a posted event', () => {
  it('is in the database when it is answered with 202, and whoever watches is woken', async () => {
    const eventID = crypto.randomUUID();
    expect(await post(moveOf({ eventID }))).toMatchObject({ status: 202, body: { outcome: 'accepted' } });
    expect(await noted()).toEqual([eventID]);
    expect(woken).toEqual([integration.id]);
    await until(async () => {
      const { rows } = await database.pool.query<{ last_event_at: Date | null }>(
        `SELECT last_event_at FROM discovery.integrations WHERE id = $1`,
        [integration.id],
      );
      return rows[0]?.last_event_at !== null;
    });
  });

  it('is answered the same when it comes again, and changes nothing', async () => {
    const body = moveOf();
    expect([await statusOf(body), await statusOf(body)]).toEqual([202, 202]);
    expect(await noted()).toHaveLength(1);
  });

  it('may be one of several in a post, and need not be about anything that is observed', async () => {
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
    const several = JSON.stringify([JSON.parse(moveOf({ eventID: first })), JSON.parse(moveOf({ eventID: second })), 'nonsense']);
    expect(await statusOf(several)).toBe(202);
    expect(await noted()).toEqual([first, second].sort());
    expect(await quarantined()).toEqual(['not-an-event']);
    expect(await statusOf(JSON.stringify({ account: '111122223333', detail: { eventName: 'ListAccounts' } }))).toBe(202);
  });

  it('is answered with 422 when it is refused: kept in quarantine, and not sent again by EventBridge', async () => {
    expect(await post(moveOf({ from: '999988887777' }))).toMatchObject({ status: 422, body: { code: 'foreign-account' } });
    expect(await post('no JSON')).toMatchObject({ status: 422, body: { code: 'not-json' } });
    expect(await post('')).toMatchObject({ status: 422, body: { code: 'not-json' } });
    expect(await quarantined()).toEqual(['foreign-account', 'not-json', 'not-json']);
    // Strangers decide how much is refused, and not how much is logged.
    expect(logged.split('put into quarantine')).toHaveLength(2);
    expect(await noted()).toEqual([]);
  });

  it('may be as large as EventBridge sends it, and not much larger', async () => {
    const padded = (bytes: number) => JSON.stringify({ ...(JSON.parse(moveOf()) as object), padding: 'x'.repeat(bytes) });
    expect(await statusOf(padded(1024 * 1024))).toBe(202);
    expect(await statusOf(padded(1024 * 1024 + 70_000))).toBe(413);
    expect(await noted()).toHaveLength(1);
  });

  it('is not read without end, whatever its sender says of its length', async () => {
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const sent = httpRequest(
      {
        port: webhook.port,
        path: `/v1/events/${integration.id}`,
        method: 'POST',
        headers: { 'x-orgtrail-webhook-secret': secret, 'transfer-encoding': 'chunked' },
      },
      (response) => resolve(response.resume().statusCode),
    );
    sent.end(JSON.stringify({ ...(JSON.parse(moveOf()) as object), padding: 'x'.repeat(1024 * 1024 + 70_000) }));
    expect(await promise).toBe(413);
    expect(await statusOf('x', { headers: { 'content-length': String(1e9) } }).catch(() => 'cut off')).not.toBe(202);
    expect(await noted()).toEqual([]);
  });

  it('is plain JSON of any kind', async () => {
    for (const type of ['application/json', 'application/cloudevents+json', 'application/x-amz-json-1.1; charset=utf-8'])
      expect([type, await statusOf(moveOf(), { headers: { 'content-type': type } })]).toEqual([
        type,
        type.includes('x-amz') ? 415 : 202,
      ]);
    expect(await statusOf(moveOf(), { headers: { 'content-type': 'text/plain' } })).toBe(415);
    expect(await statusOf(moveOf(), { headers: { 'content-encoding': 'gzip' } })).toBe(415);
  });

  it('is posted, and to this address', async () => {
    expect(await statusOf('', { method: 'GET' })).toBe(405);
    expect(await statusOf('{}', { path: '/v1/integrations' })).toBe(404);
    expect(await statusOf('{}', { path: `/v1/events/${integration.id}/more` })).toBe(404);
  });
});

describe('who posts', () => {
  it('is answered the same for a wrong secret, none, one in the wrong place, and an unknown integration', async () => {
    const answers = [
      await post(moveOf(), { secret: `${secret}x` }),
      await post(moveOf(), { secret: '' }),
      await post(moveOf(), { secret: 'wrong', headers: { authorization: `Bearer ${secret}`, 'x-api-key': secret } }),
      await post(moveOf(), { secret: 'wrong', path: `/v1/events/${integration.id}?secret=${secret}` }),
      await post(moveOf(), { id: crypto.randomUUID() }),
      await post(moveOf(), { id: 'x' }),
    ];
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(401);
    expect(await noted()).toEqual([]);
  });

  it('may show the former secret during the overlap, and not after it', async () => {
    const former = secret;
    ({ secret } = await rotateWebhookSecret(database.pool, integration.id, { overlapHours: 1 }));
    await until(async () => (await statusOf(moveOf())) === 202);
    expect(await statusOf(moveOf(), { secret: former })).toBe(202);
    await database.pool.query(
      `UPDATE discovery.integrations SET previous_webhook_secret_until = clock_timestamp() - interval '1 second' WHERE id = $1`,
      [integration.id],
    );
    await until(async () => (await statusOf(moveOf(), { secret: former })) === 401);
    expect(await statusOf(moveOf())).toBe(202);
  });

  it('cannot rotate twice in an overlap, but can end both secrets at once', async () => {
    const former = secret;
    await rotateWebhookSecret(database.pool, integration.id, { overlapHours: 1 });
    await expect(rotateWebhookSecret(database.pool, integration.id, { overlapHours: 1 })).rejects.toMatchObject({
      code: 'OVERLAP_LASTS',
    });
    ({ secret } = await rotateWebhookSecret(database.pool, integration.id, { overlapHours: 0 }));
    await until(async () => (await statusOf(moveOf())) === 202);
    expect(await statusOf(moveOf(), { secret: former })).toBe(401);
  });

  it('is nobody any more when the secret, or the integration, is removed', async () => {
    await removeWebhookSecret(database.pool, integration.id);
    await until(async () => (await statusOf(moveOf())) === 401);
    ({ secret } = await rotateWebhookSecret(database.pool, integration.id, { overlapHours: 0 }));
    await until(async () => (await statusOf(moveOf())) === 202);
    await removeIntegration(database.pool, integration.id);
    await until(async () => (await statusOf(moveOf())) === 401);
    const { rows } = await database.pool.query(`SELECT webhook_secret_sha256 FROM discovery.integrations WHERE id = $1`, [
      integration.id,
    ]);
    expect(rows).toEqual([{ webhook_secret_sha256: null }]);
  });

  it('is nobody any more when it is removed while the settings of another integration cannot be read', async () => {
    const other = await insertTestIntegration(database.pool, '111122223333');
    const { secret: others } = await rotateWebhookSecret(database.pool, other.id, { overlapHours: 0 });
    await database.pool.query(`UPDATE discovery.integrations SET settings = '{"ofAnotherVersion": true}' WHERE id = $1`, [
      other.id,
    ]);
    await removeWebhookSecret(database.pool, integration.id);
    await until(async () => (await statusOf(moveOf())) === 401);
    // Its own posts wait for a version that knows what they mean.
    await until(async () => (await statusOf(moveOf(), { id: other.id, secret: others })) === 503);
    await database.pool.query(`UPDATE discovery.integrations SET state = 'removed' WHERE id = $1`, [other.id]);
  });

  it('is told that the integration was never connected, where it was not, and the log says so once', async () => {
    const created = await createIntegration(database.pool, newIntegration.parse({ name: 'Never connected' }));
    const { secret: its } = await rotateWebhookSecret(database.pool, created.id, { overlapHours: 0 });
    const told = async () => (await post(moveOf(), { id: created.id, secret: its })).body['code'];
    await until(async () => (await told()) === 'NOT_CONNECTED');
    expect(await post(moveOf(), { id: created.id, secret: its })).toMatchObject({ status: 503 });
    expect(logged.split('was never connected')).toHaveLength(2);
    expect(await statusOf(moveOf(), { id: created.id, secret: 'wrong' })).toBe(401);
    await removeIntegration(database.pool, created.id);
  });

  it('is heard also while the integration is paused: what the event names is read when it is resumed', async () => {
    await setPaused(database.pool, integration.id, true);
    expect(await statusOf(moveOf())).toBe(202);
    const { rows } = await database.pool.query(`SELECT subject FROM discovery.refresh_requests WHERE integration_id = $1`, [
      integration.id,
    ]);
    expect(rows).toContainEqual({ subject: 'account:444455556666' });
  });

  it('never reads the secret or the event in the log or in the database', async () => {
    await post(moveOf({ principalArn: 'a-secret-principal', from: '999988887777' }), {});
    await post('a-secret-body');
    await post(moveOf(), { secret: `${secret}x` });
    expect(logged).toContain('quarantine');
    expect(logged).not.toMatch(/a-secret/);
    expect(logged).not.toContain(secret);
    const { rows } = await database.pool.query(`SELECT integration::text FROM discovery.integrations AS integration`);
    expect(JSON.stringify(rows)).not.toContain(secret);
  });
});

describe('when it cannot be kept in time', () => {
  it('is answered with 503 and Retry-After while the database does not answer, and taken in when sent again', async () => {
    await start({ answerWithinMs: 300 });
    const release = await holdEvents(database.pool);
    const body = moveOf();
    const begun = Date.now();
    const answered = await post(body);
    expect(answered).toMatchObject({ status: 503 });
    expect(Number(answered.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Date.now() - begun).toBeLessThan(5000);
    await release();
    expect(await statusOf(body)).toBe(202);
    expect(await noted()).toHaveLength(1);
  });

  it('is answered with 503 at once when more comes in than there is room for, and nothing else is lost', async () => {
    await start({ limits: { mostWaiting: 20 } });
    const release = await holdEvents(database.pool);
    const bodies = Array.from({ length: 30 }, () => moveOf());
    const answers = Promise.all(bodies.map((body) => statusOf(body)));
    await delay(300);
    await release();
    const statuses = await answers;
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThanOrEqual(10);
    expect(await noted()).toHaveLength(statuses.filter((status) => status === 202).length);
    expect(statuses.every((status) => status === 202 || status === 503)).toBe(true);
  });

  it('is cut off when the sender does not finish', async () => {
    await start({ answerWithinMs: 300 });
    const socket = connect(webhook.port, '127.0.0.1');
    socket.write(
      `POST /v1/events/${integration.id} HTTP/1.1\r\nhost: x\r\nx-orgtrail-webhook-secret: ${secret}\r\ncontent-length: 1000\r\n\r\n{`,
    );
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString()));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(heard).toMatch(/^HTTP\/1.1 503 /);
    expect(heard).toContain('did not come in time');
    expect(await noted()).toEqual([]);
  });
});

describe('a connection on which nothing comes', () => {
  it('is closed, before its first byte and after a wrong secret, and one that posts lives on', async () => {
    await start({ silenceMs: 300 });
    const connected = async (said: string): Promise<{ closed: () => boolean; heard: () => string; end(): void }> => {
      const socket = connect(webhook.port, '127.0.0.1');
      let isClosed = false;
      let heard = '';
      socket.on('data', (chunk) => (heard += chunk.toString())).on('close', () => (isClosed = true));
      await new Promise((resolve) => socket.once('connect', resolve));
      if (said !== '') socket.write(said);
      return { closed: () => isClosed, heard: () => heard, end: () => socket.destroy() };
    };
    const body = moveOf();
    const postWith = (shown: string): string =>
      `POST /v1/events/${integration.id} HTTP/1.1\r\nhost: x\r\nx-orgtrail-webhook-secret: ${shown}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const [silent, stranger, sender] = [
      await connected(''),
      await connected(postWith('wrong')),
      await connected(postWith(secret)),
    ];
    await until(() => silent.closed() && stranger.closed());
    expect(stranger.heard()).toMatch(/^HTTP\/1.1 401 /);
    await delay(400);
    expect(sender.heard()).toMatch(/^HTTP\/1.1 202 /);
    expect(sender.closed()).toBe(false);
    sender.end();
  });
});

describe('when it stops', () => {
  it('takes no more, and finishes what it has', async () => {
    const release = await holdEvents(database.pool);
    const eventID = crypto.randomUUID();
    const inHand = statusOf(moveOf({ eventID }));
    await delay(200);
    const stopped = webhook.stop();
    await expect(post(moveOf())).rejects.toThrow();
    await release();
    await stopped;
    expect(await inHand).toBe(202);
    expect(await noted()).toEqual([eventID]);
  });

  it('tells a sender whose connection lives on to go elsewhere', async () => {
    const release = await holdEvents(database.pool);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const sent = httpRequest(
      {
        port: webhook.port,
        path: `/v1/events/${integration.id}`,
        method: 'POST',
        headers: { 'x-orgtrail-webhook-secret': secret, connection: 'keep-alive' },
      },
      (response) => resolve(response.resume().headers.connection),
    );
    sent.end(moveOf());
    await delay(200);
    const stopped = webhook.stop();
    await release();
    expect(await promise).toBe('close');
    await stopped;
  });
});
