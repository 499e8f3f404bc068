import { fromBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { inTransaction, migrate } from '@orgtrail/database';
import { BusError, createPostgresBus, type Bus, type Consumption } from '@orgtrail/messaging';
import { graph, topics } from '@orgtrail/proto';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { applyBatch } from '../apply-batch.js';
import {
  accountChange,
  accountKey,
  delegationChange,
  endedChange,
  pendingGiven,
  recordOf,
  type GivenChange,
} from '../changes.fixture.js';
import { eventually } from '../eventually.fixture.js';
import { migrations } from '../migrations/index.js';
import { createGraphFeed, type GraphFeed } from './graph-feed.js';
import { feedDelay, scopesBehind } from './sql/feed-position.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let bus: Bus;
let scope: string;
let nextOffset = 0;
const member = '444455556666';
const feeds: GraphFeed[] = [];
const consumptions: Consumption[] = [];
const logger = createLogger({ service: 'test', level: 'silent' });

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
  bus = await createPostgresBus({ pool: database.pool, logger });
});
afterAll(async () => {
  await bus.close();
  await database.drop();
});
beforeEach(() => {
  scope = crypto.randomUUID();
});
afterEach(async () => {
  await Promise.all(consumptions.splice(0).map((consumption) => consumption.stop()));
  await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
});

async function startFeed(given: Bus = bus): Promise<GraphFeed> {
  const feed = createGraphFeed({ bus: given, pool: database.pool, logger, meter: createMetrics().meter });
  feeds.push(feed);
  await feed.start();
  return feed;
}
async function apply(changes: readonly GivenChange[], partition = 0): Promise<void> {
  const records = changes.map((change) => ({ record: recordOf(null, nextOffset++), change: pendingGiven(change) }));
  await applyBatch(database.pool, { position: { group: 'writer', topic: 'changes', partition }, records, now: new Date() });
}
/** Everything that the feed has of these scopes, as it comes. */
function follow(...scopes: string[]): graph.FeedChange[] {
  const found: graph.FeedChange[] = [];
  consumptions.push(
    bus.consume({
      topics: [topics.graphFeed],
      group: `follower-${crypto.randomUUID()}`,
      onBatch: ({ records }) => {
        for (const { key, value } of records) {
          if (key !== null && value !== null && scopes.includes(key)) found.push(fromBinary(graph.FeedChangeSchema, value));
        }
        return Promise.resolve();
      },
    }),
  );
  return found;
}
const history = async (of: string) =>
  (
    await database.pool.query<{ change: string }>(
      `SELECT key || ' ' || version AS change FROM graph.changes WHERE scope = $1 ORDER BY at, version, key`,
      [of],
    )
  ).rows.map(({ change }) => change);
const told = (changes: readonly graph.FeedChange[], of = scope) =>
  changes.filter(({ integrationId }) => integrationId === of).map(({ key, version }) => `${key} ${version.toString()}`);
const firsts = (all: readonly string[]) => [...new Set(all)];

describe('the feed', () => {
  it('tells every row of the history, whole and in its order, what was there before it began included', async () => {
    const cause = { eventId: 'e1', eventName: 'MoveAccount', principalArn: 'arn:aws:iam::111122223333:user/ana' };
    await apply([accountChange(member, { scope, version: 1, baseline: true, properties: { joinedOn: 1_481_830_215_450 } })]);
    await startFeed();
    const found = follow(scope);
    await apply([
      accountChange(member, { scope, version: 2, name: 'moved', parent: 'ou-1', cause }),
      delegationChange(member, { scope, version: 3, services: ['guardduty.amazonaws.com'] }),
      endedChange(`account:${member}`, {
        scope,
        version: 4,
        foundBy: { id: 12, kind: 'full', startedAt: '2026-11-25T10:00:00.250Z' },
      }),
    ]);
    await eventually(() => expect(found).toHaveLength(4));
    expect(found.map(({ kind, type, version }) => `${kind} ${type} ${version.toString()}`)).toEqual([
      'BASELINE aws_account 1',
      'UPDATED aws_account 2',
      'CREATED delegation 3',
      'ENDED aws_account 4',
    ]);
    const [baseline, moved, delegation, ended] = found;
    expect(baseline?.state?.entity).toMatchObject({ key: accountKey(member), properties: { joinedOn: 1_481_830_215_450 } });
    expect(moved).toMatchObject({ cause: { eventName: 'MoveAccount' }, state: { entity: { displayName: 'moved' } } });
    expect(moved?.state?.relationships).toHaveLength(2);
    expect(delegation).toMatchObject({ key: `delegation:${member}`, state: { relationships: [{ class: 'MANAGES' }] } });
    expect(delegation?.state?.entity).toBeUndefined();
    expect(ended?.state).toBeUndefined();
    expect(ended?.foundBy).toMatchObject({
      id: 12n,
      kind: 'full',
      startedAt: timestampFromDate(new Date('2026-11-25T10:00:00.250Z')),
    });
    expect(moved?.foundBy).toBeUndefined();
    expect(told(found)).toEqual(await history(scope));
  });

  it('says of a cause that came late which change it explains', async () => {
    const cause = { eventId: 'e1', eventName: 'CreateAccountResult' };
    await apply([accountChange(member, { scope, version: 1 })]);
    await apply([accountChange(member, { scope, version: 2, cause, explainedVersion: 1 })]);
    const found = follow(scope);
    await startFeed();
    await eventually(() => expect(found).toHaveLength(2));
    expect(found.map(({ kind, explainedVersion, cause: told }) => ({ kind, explainedVersion, event: told?.eventName }))).toEqual([
      { kind: 'CREATED', explainedVersion: 0n, event: undefined },
      { kind: 'CREATED', explainedVersion: 1n, event: 'CreateAccountResult' },
    ]);
  });

  it('skips nothing of batches that commit late and in another order than they began', async () => {
    const scopes = Array.from({ length: 8 }, () => crypto.randomUUID());
    await startFeed();
    const found = follow(...scopes);
    // Each batch waits before its commit, so that those that began later are committed, and published, before it.
    await Promise.all(
      scopes.map(async (of, writer) => {
        for (let version = 1; version <= 6; version += 1) {
          const change = {
            record: recordOf(null, version),
            change: pendingGiven(accountChange(member, { scope: of, version, name: `n${version}` })),
          };
          await applyBatch(database.pool, {
            position: { group: 'writer', topic: 'delayed', partition: writer },
            records: [change],
            now: new Date(),
            beforeCommit: () => new Promise((resolve) => setTimeout(resolve, (writer * 37 + version * 53) % 200)),
          });
        }
      }),
    );
    await eventually(() => expect(found).toHaveLength(48));
    for (const of of scopes) expect(told(found, of)).toEqual(await history(of));
  });

  it('tells nothing of what is being purged, and everything of others', async () => {
    const other = crypto.randomUUID();
    await apply([accountChange(member, { scope, version: 1 })]);
    await database.pool.query(`UPDATE graph.scopes SET closed = true, purge_requested_at = now() WHERE scope = $1`, [scope]);
    expect(await feedDelay(database.pool)).toBe(0);
    // Older, and so it is looked at later.
    await apply([accountChange(member, { scope: other, version: 1 })]);
    await startFeed();
    const found = follow(scope, other);
    await eventually(() => expect(found).toHaveLength(1));
    expect(told(found, other)).toEqual(await history(other));
    const { rows } = await database.pool.query('SELECT scope FROM graph.feed_positions WHERE scope = ANY ($1)', [[scope, other]]);
    expect(rows).toEqual([{ scope: other }]);
  });

  it('is published by one of many, and by the next when that one ends', async () => {
    const [first] = [await startFeed(), await startFeed(), await startFeed()];
    const found = follow(scope);
    await apply([accountChange(member, { scope, version: 1 })]);
    await eventually(() => expect(found).toHaveLength(1));
    await first.stop();
    await apply([accountChange(member, { scope, version: 2, name: 'second' })]);
    await eventually(() => expect(found).toHaveLength(2));
  });

  it('goes on when the connection that holds it is killed', async () => {
    await startFeed();
    await startFeed();
    const found = follow(scope);
    await apply([accountChange(member, { scope, version: 1 })]);
    await eventually(() => expect(found).toHaveLength(1));
    const killed = await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (classid::bigint << 32 | objid::bigint) = hashtextextended('orgtrail.graph.feed', 0)`,
    );
    expect(killed.rowCount).toBe(1);
    await apply([accountChange(member, { scope, version: 2, name: 'second' })]);
    await eventually(() => expect(firsts(told(found))).toHaveLength(2));
  });

  it('repeats rather than skips what the bus did not acknowledge', async () => {
    let failing = true;
    const refusing: Bus = {
      ...bus,
      publish: async (topic, records) => {
        await bus.publish(topic, records);
        if (failing) throw new Error('The acknowledgement was lost.');
      },
    };
    await startFeed(refusing);
    const found = follow(scope);
    await apply([accountChange(member, { scope, version: 1 }), accountChange('444455557777', { scope, version: 2 })]);
    await eventually(() => expect(found.length).toBeGreaterThan(2));
    failing = false;
    await apply([accountChange(member, { scope, version: 3, name: 'third' })]);
    await eventually(async () => expect(firsts(told(found))).toEqual(await history(scope)));
  });

  it('goes on behind the page at which it was stopped, and says that it is behind until then', async () => {
    const many = Array.from({ length: 1200 }, (_, index) =>
      accountChange(String(index).padStart(12, '0'), { scope, version: index + 1 }),
    );
    await apply(many);
    let pages = 0;
    const one = await startFeed({
      ...bus,
      publish: async (topic, records) => {
        pages += 1;
        if (pages > 1) throw new Error('The bus is away.');
        await bus.publish(topic, records);
      },
    });
    await eventually(() => expect(pages).toBeGreaterThan(1));
    await one.stop();
    expect(await feedDelay(database.pool)).toBeGreaterThan(0);
    expect((await scopesBehind(database.pool)).map((behind) => behind.scope)).toContain(scope);
    const found = follow(scope);
    await startFeed();
    await eventually(() => expect(firsts(told(found))).toHaveLength(1200));
    expect(firsts(told(found))).toEqual(await history(scope));
    await eventually(async () => expect(await scopesBehind(database.pool)).toEqual([]));
    expect(await feedDelay(database.pool)).toBe(0);
  });

  it('is held up by a change that the bus does not take in its own scope only', async () => {
    const other = crypto.randomUUID();
    await apply([
      accountChange(member, { scope, version: 1, name: 'refused' }),
      accountChange(member, { scope: other, version: 1 }),
    ]);
    const found = follow(scope, other);
    await startFeed({
      ...bus,
      publish: async (topic, records) => {
        if (topic === topics.graphFeed && records.some(({ key }) => key === scope)) {
          throw new BusError('The record is too large.', { code: 'RECORD_TOO_LARGE', retriable: false });
        }
        await bus.publish(topic, records);
      },
    });
    await eventually(() => expect(told(found, other)).toHaveLength(1));
    expect(told(found)).toEqual([]);
    expect((await scopesBehind(database.pool)).map((behind) => behind.scope)).toEqual([scope]);
    await database.pool.query(`DELETE FROM graph.changes WHERE scope = $1`, [scope]);
  });

  it('has no e-mail address that was erased before it was published', async () => {
    await apply([accountChange(member, { scope, version: 1, properties: { email: 'owner@example.com' } })]);
    await inTransaction(database.pool, async (client) => {
      await client.query(
        `UPDATE graph.changes SET state = jsonb_set(state, '{properties}', (state -> 'properties') - 'email') WHERE scope = $1`,
        [scope],
      );
    });
    const found = follow(scope);
    await startFeed();
    await eventually(() => expect(found).toHaveLength(1));
    expect(JSON.stringify(found[0]?.state?.entity?.properties)).not.toContain('@');
  });

  it('publishes a long history page by page', async () => {
    const ids = Array.from({ length: 1300 }, (_, index) => String(index).padStart(12, '0'));
    await apply(ids.map((id) => accountChange(id, { scope, version: 5 })));
    const found = follow(scope);
    await startFeed();
    await eventually(() => expect(found).toHaveLength(1300));
    expect(told(found)).toEqual(await history(scope));
  });
});
