import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { topics, valueNotKeptHeader } from '@orgtrail/proto';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { migrations } from '../migrations/index.js';
import { discardDeadLetters, replayDeadLetters } from './resolve.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
});
afterAll(() => database.drop());

it('a dead letter without its value is not replayed, and says what to do instead', async () => {
  const { pool } = database;
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO graph.dead_letters (topic, partition, "offset", group_name, code, message, record_key, record_value, headers, failed_at)
     SELECT $1, 0, n, 'orgtrail-account-mapper', 'UNPARSABLE', 'It is odd.', 'k', '', CASE n WHEN 2 THEN $2::jsonb ELSE '{}' END, now()
       FROM generate_series(1, 2) AS n
     RETURNING id::text`,
    [topics.observations, JSON.stringify({ [valueNotKeptHeader]: '1048000' })],
  );
  const ids = rows.map(({ id }) => id);
  const published: string[] = [];
  const bus = { publish: (topic: string) => Promise.resolve(void published.push(topic)) };
  const resolving = { pool, by: 'ana', chosen: { all: true } } as const;
  await expect(replayDeadLetters({ ...resolving, bus })).rejects.toMatchObject({
    status: 409,
    message: expect.stringContaining(`orgtrail dead-letters discard ${ids[1]}`),
  });
  expect(published).toEqual([]);
  expect(await replayDeadLetters({ ...resolving, chosen: { ids: ids.slice(0, 1) }, bus })).toEqual(ids.slice(0, 1));
  expect(await discardDeadLetters(resolving)).toEqual(ids.slice(1));
});
