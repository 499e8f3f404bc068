import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { startPipeline, type Pipeline } from './pipeline.js';

/** What left, how it went, and who did it: from the events of AWS to the rows of the graph. */

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
  while ((await rows('SELECT 1 FROM graph.subjects WHERE NOT live')).length < 4) await delay(100);

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
