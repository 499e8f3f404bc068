import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { startPipeline, type Pipeline } from './pipeline.js';

/** Who did it, and how what left went: from the events of AWS to the rows of the graph, also of those that come late. */

let simulator: Simulator;
let pipeline: Pipeline;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 72, accounts: 12, organizationalUnits: 3 });
  pipeline = await startPipeline(simulator, {});
  await pipeline.settled();
}, 60_000);
afterAll(async () => {
  await pipeline.stop();
  await simulator.close();
}, 60_000);

const rows = async (sql: string, values: unknown[] = []): Promise<unknown[]> =>
  (await pipeline.database.pool.query(sql, values)).rows as unknown[];

it('ends each with the reason that its event gives', async () => {
  const { actions, organization } = simulator;
  const members = [...organization.accounts.keys()].filter(
    (id) => id !== organization.managementAccount.id && organization.accounts.get(id)?.state === 'ACTIVE',
  );
  const [left, removed, cleaned] = members as [string, string, string];
  const { organizationalUnitId } = actions.createOrganizationalUnit({ parentId: organization.root.id, name: 'Brief' });
  actions.closeAccount({ accountId: cleaned });
  await simulator.settled();
  while ((await rows('SELECT 1 FROM graph.entities WHERE subject = $1', [`ou:${organizationalUnitId}`])).length === 0)
    await delay(100);

  actions.leaveOrganization({ accountId: left });
  actions.removeAccountFromOrganization({ accountId: removed });
  actions.clean(cleaned);
  actions.deleteOrganizationalUnit({ organizationalUnitId });
  await simulator.settled();
  while ((await rows('SELECT 1 FROM graph.entities WHERE NOT live')).length < 4) await delay(100);

  expect(
    await rows(
      `SELECT subject, ended_reason, cause ->> 'eventName' AS event FROM graph.entities WHERE NOT live ORDER BY ended_reason`,
    ),
  ).toEqual([
    { subject: `account:${cleaned}`, ended_reason: 'CLEANED', event: 'AccountDepartedOrganization' },
    { subject: `account:${left}`, ended_reason: 'LEFT', event: 'AccountDepartedOrganization' },
    { subject: `ou:${organizationalUnitId}`, ended_reason: 'OU_DELETED', event: 'DeleteOrganizationalUnit' },
    { subject: `account:${removed}`, ended_reason: 'REMOVED', event: 'RemoveAccountFromOrganization' },
  ]);
}, 120_000);

it('takes the reason from an event that comes after a sync has found the ending, and says when it ended first', async () => {
  const { actions, organization } = simulator;
  const accountId = [...organization.accounts.values()].find(
    ({ id, state }) =>
      id !== organization.managementAccount.id && state === 'ACTIVE' && !organization.isDelegatedAdministrator(id),
  )!.id;
  simulator.setBehaviour({ deliveryDelayMs: 6_000 });
  actions.leaveOrganization({ accountId });
  await pipeline.discovery.sync('full', 'test');
  const ending = async (): Promise<Ending | undefined> =>
    (await rows('SELECT ended_reason, ended_at FROM graph.entities WHERE NOT live AND account_id = $1', [accountId]))[0] as
      Ending | undefined;
  const endedAs = async (reason: string): Promise<Ending> => {
    for (;;) {
      const found = await ending();
      if (found?.ended_reason === reason) return found;
      await delay(50);
    }
  };
  const found = await endedAs('NOT_FOUND');
  const explained = await endedAs('LEFT');
  expect(explained.ended_at).toEqual(found.ended_at);
  expect(
    await rows(
      `SELECT change.kind, change.cause ->> 'eventName' AS event, sync.kind AS sync, sync.reason FROM graph.changes AS change
         JOIN graph.entities USING (scope, key) LEFT JOIN discovery.full_syncs AS sync ON sync.id = (change.found_by ->> 'id')::bigint
        WHERE account_id = $1 AND change.kind = 'ENDED' ORDER BY change.version`,
      [accountId],
    ),
  ).toEqual([
    // The sync nominated it, and AWS did not find it.
    { kind: 'ENDED', event: null, sync: 'full', reason: 'test' },
    { kind: 'ENDED', event: 'AccountDepartedOrganization', sync: null, reason: null },
  ]);
}, 120_000);

it('says who changed what a sync had found before the event of it came', async () => {
  const { actions, organization } = simulator;
  const account = [...organization.accounts.values()].find(
    ({ id, state }) => id !== organization.managementAccount.id && state === 'ACTIVE',
  )!;
  const history = () =>
    rows(
      `SELECT property, new #>> '{}' AS new, event, who IS NOT NULL AS "hasWho", split_part(found_by, ' ', 1) AS "foundBy"
         FROM graph.account_history($1) WHERE property = 'parentId'`,
      [account.id],
    );
  const parentId = [...organization.organizationalUnits.values()].find(({ id }) => id !== account.parentId)!.id;
  simulator.setBehaviour({ deliveryDelayMs: 6_000 });
  actions.moveAccount({ accountId: account.id, sourceParentId: account.parentId, destinationParentId: parentId });
  await pipeline.discovery.sync('full', 'test');
  const untilLast = async (last: object): Promise<void> => {
    for (;;) {
      if (JSON.stringify((await history())[0]) === JSON.stringify(last)) return;
      await delay(50);
    }
  };
  const moved = { property: 'parentId', new: parentId };
  await untilLast({ ...moved, event: null, hasWho: false, foundBy: 'full' });
  await untilLast({ ...moved, event: 'MoveAccount', hasWho: true, foundBy: null });
  expect(await history()).toHaveLength(1);
}, 120_000);

interface Ending {
  ended_reason: string;
  ended_at: Date;
}
