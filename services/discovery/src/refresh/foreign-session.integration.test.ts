import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { connectToAws, type AwsConnection } from '@orgtrail/aws';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase } from '@orgtrail/testkit';
import type { Loop } from '@orgtrail/service-runtime';
import { createDiscoveryMetrics } from '../proof/metrics.js';
import { subjectKey, type SubjectKey } from '../subjects.js';
import { askRefresh } from './sql/ask-refresh.js';
import { startRefreshes } from './start-refreshes.js';
import { startSyncedOrganization, type SyncedOrganization } from './sync.fixture.js';

jest.setTimeout(60_000);

let organization: SyncedOrganization;
let other: Simulator;
let aws: AwsConnection;
let refreshes: Loop;

beforeEach(async () => {
  organization = await startSyncedOrganization(await createTestDatabase(), { seed: 17, accounts: 30, organizationalUnits: 3 });
  await organization.sync('full', { isBaseline: true });
  await organization.readTags();
  other = await startSimulator({ seed: 99, accounts: 5, organizationalUnits: 1 });
  aws = connectToAws({ endpoint: other.endpoint, credentials: other.credentials, rateShare: 1000 });
});
afterEach(async () => {
  await refreshes.stop();
  aws.destroy();
  await other.close();
  await organization.stop();
});

it('credentials that lead to another organization end nothing by what they do not find', async () => {
  const { accounts, organizationalUnits, root, delegations } = organization.simulator.organization;
  const [accountId, unitId] = [[...accounts.keys()].at(3)!, [...organizationalUnits.keys()].at(0)!];
  const [delegation] = [...delegations.values()];
  const subjects: SubjectKey[] = [
    subjectKey('account', accountId),
    subjectKey('ou', unitId),
    subjectKey('root', root.id),
    subjectKey('delegation', delegation!.accountId),
  ].sort();
  const live = async () =>
    (await Promise.all(['account', 'ou', 'root', 'delegation'].map((kind) => organization.live(kind)))).flat();
  const before = await live();
  expect(before).toEqual(expect.arrayContaining(subjects));
  const { pool } = organization.database;
  await askRefresh(
    pool,
    organization.integration.id,
    subjects.map((subject) => ({ subject, parts: ['core'], reason: 'event' })),
  );
  refreshes = startRefreshes({
    pool,
    integration: organization.integration,
    reader: (priority, signal) => aws.reader(priority, signal),
    callsPerSecond: (operation) => aws.allowedPerSecond(operation),
    policy: { confirmAfterSeconds: [], confirmNotFoundAfterSeconds: 0.1, maximumRetrySeconds: 1 },
    isBaseline: () => false,
    metrics: createDiscoveryMetrics(createMetrics().meter),
    logger: createLogger({ service: 'test', level: 'silent' }),
    onMerged: () => undefined,
  });
  const unread = async () => {
    const { rows } = await pool.query<{ subject: string }>(
      `SELECT subject FROM discovery.refresh_requests WHERE attempts >= 2 AND last_error LIKE '%These credentials read organization%' ORDER BY 1`,
    );
    return rows.map(({ subject }) => subject);
  };
  const giveUpAt = performance.now() + 15_000;
  while ((await unread()).length < subjects.length && performance.now() < giveUpAt) await delay(50);
  expect(await unread()).toEqual(subjects);
  expect(await live()).toEqual(before);
});
