import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { inTransaction, migrate } from '@orgtrail/database';
import { createAdminServer, createApi, createLogger, type AdminServer, type ApiToken } from '@orgtrail/service-runtime';
import { createTestDatabase, rowsThatName, type TestDatabase } from '@orgtrail/testkit';
import { applyBatch } from '../apply-batch.js';
import {
  accountChange,
  delegationChange,
  endedChange,
  pendingGiven,
  recordOf,
  scope,
  type GivenChange,
} from '../changes.fixture.js';
import type { ScopeChange } from '../change.js';
import { migrations } from '../migrations/index.js';
import { purgeScopes } from '../purge-scopes.js';
import { lockFolding } from '../sql/lock-folding.js';
import { graphWriterApi } from './graph-writer-api.js';

jest.setTimeout(60_000);

const reader: ApiToken = { name: 'rita', role: 'reader', token: 'r'.repeat(32) };
const admin: ApiToken = { name: 'ana', role: 'admin', token: 'a'.repeat(32) };
const other = '5f9c2a7e-1111-4888-9912-ace4e6543002';
const logger = createLogger({ service: 'test', level: 'silent' });

let database: TestDatabase;
let server: AdminServer;
let offset = 0;

async function serve(feedIsOn: boolean): Promise<void> {
  const bus = { publish: () => Promise.resolve() };
  const routes = createApi({ parts: [graphWriterApi({ pool: database.pool, bus, feedIsOn })], tokens: [reader, admin], logger });
  server = createAdminServer({ host: '127.0.0.1', port: 0, checks: {}, metricsHandler: () => undefined, routes });
  await server.start();
}

beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
  await serve(false);
});
afterEach(async () => {
  await server.stop();
  await database.drop();
});

async function call(method: 'GET' | 'POST', path: string, by = admin): Promise<{ status: number; answer: object }> {
  const response = await fetch(`${server.url}/v1/scopes/${path}`, { method, headers: { authorization: `Bearer ${by.token}` } });
  return { status: response.status, answer: (await response.json()) as object };
}

async function apply(...changes: (GivenChange | ScopeChange)[]): Promise<{ closed: number }> {
  return applyBatch(database.pool, {
    position: { group: 'writer', topic: 'changes', partition: 0 },
    records: changes.map((change) => {
      const record = recordOf(null, offset++);
      return 'content' in change ? { record, change: pendingGiven(change) } : { record, scopeChange: change };
    }),
    now: new Date(),
  });
}
const removal = (of: string): ScopeChange => ({
  scope: of,
  subject: 'integration',
  version: 100n,
  observedAt: new Date(),
  cause: null,
  baseline: false,
  removed: true,
  purgeEmail: false,
});
/** Two organizations of so many accounts each, with a delegation, an ending, a dead letter and a place in the feed. */
async function twoOrganizations(accounts = 3): Promise<void> {
  for (const owner of [scope, other]) {
    const ids = Array.from({ length: accounts }, (_, index) => String(index).padStart(12, '0'));
    await apply(
      ...ids.map((id) => accountChange(id, { scope: owner, version: 1 })),
      ...ids.map((id) => accountChange(id, { scope: owner, version: 2, name: 'renamed' })),
      delegationChange(ids[0] ?? '', { scope: owner, version: 1, services: ['config.amazonaws.com'] }),
      endedChange(`account:${ids[1] ?? ''}`, { scope: owner, version: 3 }),
    );
    await database.pool.query(
      `INSERT INTO graph.dead_letters (topic, partition, "offset", group_name, code, message, record_key, headers, failed_at)
       VALUES ('orgtrail.observations.v1', 0, $2, 'orgtrail-account-mapper', 'UNPARSABLE', 'It is odd.', $1, '{}', now())`,
      [owner, offset],
    );
  }
}
/** What of the schema names it still. */
const naming = (text: string) => rowsThatName(database.pool, { schema: 'graph', text });
const purged = () => purgeScopes(database.pool, { signal: new AbortController().signal });

describe('the purge of a removed integration', () => {
  it('deletes every row that is kept of it, and none of others, but who did it and that its scope is closed', async () => {
    await twoOrganizations();
    await apply(removal(scope));
    const others = await naming(other);
    const { answer: before } = await call('GET', scope, reader);
    expect(before).toMatchObject({ closed: true, purgedAt: null, rows: { entities: 3, deadLetters: 1 } });
    expect(await call('POST', `${scope}/purge`)).toMatchObject({ status: 202, answer: { purgedAt: null } });
    expect(await purged()).toBeGreaterThan(10);
    expect(await call('GET', scope)).toMatchObject({
      status: 200,
      answer: {
        closed: true,
        purgedAt: expect.any(String),
        rows: { entities: 0, subjects: 0, history: 0, deadLetters: 0 },
      },
    });
    expect(await naming(scope)).toEqual({ scopes: 1, admin_actions: 1 });
    expect(await naming(other)).toEqual(others);
    const { rows } = await database.pool.query('SELECT who, action, detail FROM graph.admin_actions');
    expect(rows).toMatchObject([{ who: 'ana', action: 'purge scope', detail: { scope, rows: { entities: 3 } } }]);
  });

  it('is refused while the integration lives, to whoever may only read, and for what the graph does not know', async () => {
    await twoOrganizations();
    expect(await call('POST', `${scope}/purge`)).toMatchObject({ status: 409, answer: { code: 'NOT_REMOVED' } });
    expect(await call('POST', `${scope}/purge`, reader)).toMatchObject({ status: 403 });
    expect(await call('POST', `${crypto.randomUUID()}/purge`)).toMatchObject({ status: 404, answer: { code: 'NO_SCOPE' } });
    expect(await call('POST', `x'--/purge`)).toMatchObject({ status: 400 });
    expect(await purged()).toBe(0);
  });

  it('waits until the feed has published the endings', async () => {
    await server.stop();
    await serve(true);
    await twoOrganizations();
    await apply(removal(scope));
    expect(await call('POST', `${scope}/purge`)).toMatchObject({ status: 409, answer: { code: 'FEED_BEHIND' } });
    await database.pool.query(
      `INSERT INTO graph.feed_positions SELECT scope, last_applied_at, 100, 'z', true FROM graph.scopes WHERE scope = $1`,
      [scope],
    );
    expect(await call('POST', `${scope}/purge`)).toMatchObject({ status: 202 });
    await purged();
    expect(await naming(scope)).toEqual({ scopes: 1, admin_actions: 1 });
  });

  it('goes on where it was interrupted, also while somebody else is at it', async () => {
    await twoOrganizations(1200);
    await apply(removal(scope));
    await call('POST', `${scope}/purge`);
    const stopping = new AbortController();
    let transactions = 0;
    const interrupting = {
      query: (text: string) => database.pool.query(text),
      connect: () => {
        transactions += 1;
        if (transactions === 2) stopping.abort();
        return database.pool.connect();
      },
    } as unknown as TestDatabase['pool'];
    expect(await purgeScopes(interrupting, { signal: stopping.signal })).toBeGreaterThan(500);
    expect((await call('GET', scope)).answer).toMatchObject({ purgedAt: null });
    await Promise.all([purged(), purged(), purged()]);
    expect(await naming(scope)).toEqual({ scopes: 1, admin_actions: 1 });
  });

  it('lets nothing of it back, however late it comes, and says so to whoever asks for its past', async () => {
    await twoOrganizations();
    await apply(removal(scope));
    await call('POST', `${scope}/purge`);
    await purged();
    expect(await apply(accountChange('000000000001', { scope, version: 200 }), removal(scope))).toMatchObject({ closed: 2 });
    expect(await naming(scope)).toEqual({ scopes: 1, admin_actions: 1 });
    await expect(database.pool.query('SELECT * FROM graph.as_of($1, now())', [scope])).rejects.toMatchObject({ code: 'OT002' });
    // One may have been in hand as it was deleted: asked again, it goes as well.
    await database.pool.query(
      `INSERT INTO graph.dead_letters (topic, partition, "offset", group_name, code, message, record_key, headers, failed_at)
       VALUES ('changes', 0, 99, 'writer', 'UNPARSABLE', 'It is odd.', $1, '{}', now())`,
      [scope],
    );
    expect(await call('POST', `${scope}/purge`)).toMatchObject({ status: 202, answer: { rows: { deadLetters: 1 } } });
    await purged();
    expect(await naming(scope)).toEqual({ scopes: 1, admin_actions: 2 });
  });

  it('keeps no dead letter of it that comes late, and those of others', async () => {
    await twoOrganizations();
    await apply(removal(scope));
    await call('POST', `${scope}/purge`);
    await purged();
    const failure = { code: 'UNPARSABLE', message: 'It is odd.' };
    const failing = [scope, other].map((key) => ({ record: { ...recordOf(new Uint8Array([1]), offset++), key }, failure }));
    const letters = [scope, other].map((recordKey) => {
      const record = recordOf(null, offset++);
      const of = {
        group: 'mapper',
        topic: 'observations',
        partition: 0,
        offset: record.offset,
        headers: {},
        failedAt: new Date(),
      };
      return { record, letter: { ...of, ...failure, recordKey, recordValue: new Uint8Array([1]) } };
    });
    const { deadLetters } = await applyBatch(database.pool, {
      position: { group: 'writer', topic: 'changes', partition: 0 },
      records: [...failing, ...letters],
      now: new Date(),
    });
    expect(deadLetters.map(({ recordKey }) => recordKey)).toEqual([other, other]);
    expect(await naming(scope)).toEqual({ scopes: 1, admin_actions: 1 });
    expect(await naming(other)).toMatchObject({ dead_letters: 3 });
  });

  it('holds nothing while old months are dropped, which lock the scopes at last', async () => {
    await twoOrganizations();
    await apply(removal(scope));
    await call('POST', `${scope}/purge`);
    await inTransaction(database.pool, async (client) => {
      expect(await lockFolding(client)).toBe(true);
      expect(await purged()).toBe(0);
      await client.query('SELECT FROM graph.scopes FOR UPDATE NOWAIT');
    });
    expect(await purged()).toBeGreaterThan(10);
    expect(await naming(scope)).toEqual({ scopes: 1, admin_actions: 1 });
  });

  it('tells of no end that is not committed', async () => {
    await twoOrganizations();
    await apply(removal(scope));
    await call('POST', `${scope}/purge`);
    await database.pool.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
       CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON graph.scopes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
          WHEN (NEW.purged_at IS NOT NULL) EXECUTE FUNCTION refuse()`,
    );
    const ends: string[] = [];
    const options = { signal: new AbortController().signal, onPurged: (of: string) => void ends.push(of) };
    await expect(purgeScopes(database.pool, options)).rejects.toThrow('not now');
    expect(ends).toEqual([]);
    await database.pool.query('DROP FUNCTION refuse() CASCADE');
    await purgeScopes(database.pool, options);
    expect(ends).toEqual([scope]);
  });
});
