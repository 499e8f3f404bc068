import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, rowsThatName, type TestDatabase } from '@orgtrail/testkit';
import { migrations } from '../migrations/index.js';
import { createIntegration, newIntegration, removeIntegration } from './administer.js';
import { purgeRemoved } from './purge-removed.js';
import { forgetRemoved } from './sql/forget-removed.js';
import { selectRemovedIntegrations } from './sql/removed-integrations.js';
import { updateRecognition } from './sql/update-integration.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterEach(() => database.drop());

const externalId = 'orgtrail-0123456789abcdef0123456789abcdef';

async function made(name: string): Promise<string> {
  const { id } = await createIntegration(database.pool, newIntegration.parse({ name, externalId }));
  await database.pool.query(`INSERT INTO discovery.version_clocks VALUES ($1, 7) ON CONFLICT DO NOTHING`, [id]);
  await database.pool.query(
    `INSERT INTO discovery.member_transitions (integration_id, account_id, to_status, reason) VALUES ($1, '444455556666', 'CONNECTED', 'x')`,
    [id],
  );
  await database.pool.query(`INSERT INTO discovery.claims VALUES ($1, $2, now(), now())`, [id, crypto.randomUUID()]);
  await database.pool.query(
    `INSERT INTO discovery.admin_actions (who, action, integration_id) VALUES ('ana', 'create integration', $1)`,
    [id],
  );
  return id;
}

/** What of the schema names it still. */
const naming = (text: string) => rowsThatName(database.pool, { schema: 'discovery', text });

describe('a removed integration', () => {
  it('has no external id any more', async () => {
    const id = await made('One');
    expect(await naming(externalId)).toEqual({ integrations: 1 });
    await removeIntegration(database.pool, id);
    expect(await naming(externalId)).toEqual({});
    expect(await selectRemovedIntegrations(database.pool)).toEqual([
      { id, name: 'One', announced: true, removedAt: expect.any(Date) },
    ]);
  });

  it('that an older version removed loses its external ids as well, and no other does', async () => {
    const [one, other] = [await made('One'), await made('Other')];
    await removeIntegration(database.pool, one);
    await database.pool.query(
      `UPDATE discovery.integrations
          SET external_id = $2, previous_external_id = $2, previous_external_id_until = now(), retired_external_id = $2,
              settings = settings || jsonb_build_object('intermediateRole', jsonb_build_object('externalId', $2::text))
        WHERE id = $1`,
      [one, externalId],
    );
    await forgetRemoved(database.pool);
    const { rows } = await database.pool.query(
      `SELECT id FROM discovery.integrations AS kept WHERE kept::text LIKE '%' || $1 || '%'`,
      [externalId],
    );
    expect(rows).toEqual([{ id: other }]);
  });

  it('says whether the graph was told of it', async () => {
    const id = await made('One');
    await database.pool.query('DELETE FROM discovery.version_clocks');
    await removeIntegration(database.pool, id);
    expect(await selectRemovedIntegrations(database.pool)).toMatchObject([{ id, announced: false }]);
  });

  it('is purged with every row that is kept of it, but what administrators did, and no row of others', async () => {
    const [one, other] = [await made('One'), await made('Other')];
    const others = await naming(other);
    await removeIntegration(database.pool, one);
    await purgeRemoved(database.pool, one);
    expect(await naming(one)).toEqual({ admin_actions: 1 });
    expect(await naming(other)).toEqual(others);
    expect(await selectRemovedIntegrations(database.pool)).toEqual([]);
    await expect(purgeRemoved(database.pool, one)).rejects.toMatchObject({ code: 'NO_INTEGRATION' });
  });

  it('is purged by one of two who begin at once', async () => {
    const id = await made('One');
    await removeIntegration(database.pool, id);
    const outcomes = await Promise.allSettled([purgeRemoved(database.pool, id), purgeRemoved(database.pool, id)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is not purged while it lives, or before the bus knows of its removal', async () => {
    const id = await made('One');
    await expect(purgeRemoved(database.pool, id)).rejects.toMatchObject({ kind: 'conflict', code: 'NOT_REMOVED' });
    await updateRecognition(database.pool, id, {
      organizationId: 'o-aaaaaaaaaa',
      partition: 'aws',
      managementAccountId: '111122223333',
      isManagementAccount: true,
    });
    await removeIntegration(database.pool, id);
    await expect(purgeRemoved(database.pool, id)).rejects.toMatchObject({ code: 'REMOVAL_NOT_PUBLISHED' });
    await database.pool.query('UPDATE discovery.observed_subjects SET published_version = subject_version');
    await forgetRemoved(database.pool);
    await purgeRemoved(database.pool, id);
    expect(await naming(id)).toEqual({ admin_actions: 1 });
  });
});
