import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { connectToAws, type AwsConnection } from '@orgtrail/aws';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase } from '@orgtrail/testkit';
import { liveSubjects } from '../observed/sql/live-subjects.js';
import type { Loop } from '@orgtrail/service-runtime';
import { createDiscoveryMetrics } from '../proof/metrics.js';
import { subjectKey, type Part, type SubjectKey } from '../subjects.js';
import { askRefresh, type Asking } from './sql/ask-refresh.js';
import { countRequests } from './sql/due-requests.js';
import { readBacklog } from './read-backlog.js';
import { startRefreshes } from './start-refreshes.js';
import { startSyncedOrganization, type SyncedOrganization } from './sync.fixture.js';

jest.setTimeout(120_000);

let organization: SyncedOrganization;
let aws: AwsConnection;
let refreshes: Loop | undefined;
let accounts: SubjectKey[];
let units: SubjectKey[];

const start = (
  policy: { confirmAfterSeconds?: readonly number[]; maximumRetrySeconds?: number } = {},
  reader: AwsConnection['reader'] = (...given) => aws.reader(...given),
) => {
  refreshes = startRefreshes({
    pool: organization.database.pool,
    integration: organization.integration,
    reader,
    callsPerSecond: (operation) => aws.allowedPerSecond(operation),
    policy: { confirmAfterSeconds: [], confirmNotFoundAfterSeconds: 0.1, maximumRetrySeconds: 1, ...policy },
    isBaseline: () => false,
    metrics: createDiscoveryMetrics(createMetrics().meter),
    logger: createLogger({ service: 'test', level: 'silent' }),
    onMerged: () => undefined,
  });
};
const ask = (subjects: readonly SubjectKey[], parts: readonly Part[] = ['core'], reason: Asking['reason'] = 'event') =>
  askRefresh(
    organization.database.pool,
    organization.integration.id,
    subjects.map((subject) => ({ subject, parts, reason })),
  );
const due = async () => (await countRequests(organization.database.pool, organization.integration.id)).dueByLane;
const until = async (isSo: () => boolean | Promise<boolean>) => {
  while (!(await isSo())) await delay(20);
};
const nothingDue = () =>
  until(async () => {
    const { due: now, waiting } = await countRequests(organization.database.pool, organization.integration.id);
    return now + waiting === 0;
  });
const isFullSyncAsked = async () => {
  const { rows } = await organization.database.pool.query<{ asked: boolean }>(
    'SELECT full_sync_ask IS NOT NULL AS asked FROM discovery.integrations',
  );
  return rows[0]?.asked === true;
};
const calls = (operation: string) => organization.simulator.calls[operation] ?? 0;
/** From now on at this share of AWS's rates. */
const limit = (rateShare: number) => {
  aws = connectToAws({ endpoint: organization.simulator.endpoint, credentials: organization.simulator.credentials, rateShare });
};

beforeEach(async () => {
  organization = await startSyncedOrganization(await createTestDatabase(), { seed: 17, accounts: 100, organizationalUnits: 12 });
  await organization.sync('full', { isBaseline: true });
  await organization.readTags();
  limit(1000);
  accounts = [...organization.simulator.organization.accounts.keys()].map((id) => subjectKey('account', id));
  units = [...organization.simulator.organization.organizationalUnits.keys()].map((id) => subjectKey('ou', id));
  organization.simulator.resetCalls();
});
afterEach(async () => {
  await refreshes?.stop();
  refreshes = undefined;
  aws.destroy();
  await organization.stop();
});

describe('what is due', () => {
  it('does not wait for what another call of AWS reads: accounts pass OUs and tags, which have smaller budgets', async () => {
    limit(0.5);
    await ask(units, ['core']);
    await ask(accounts.slice(0, 60), ['tags']);
    await ask(accounts.slice(0, 10), ['core']);
    start();
    await until(async () => (await due()).account === undefined);
    const left = await due();
    expect(left.ou).toBeGreaterThan(6);
    expect(left.tags).toBeGreaterThan(40);
  });

  it('is read alone while it is little, and tags beside the core', async () => {
    await ask(accounts.slice(0, 5), ['core', 'placement', 'tags']);
    start();
    await nothingDue();
    expect(organization.simulator.calls).toEqual({ DescribeAccount: 5, ListTagsForResource: 5 });
  });

  it('is answered by one list, where only a list tells', async () => {
    const administrators = [...organization.simulator.organization.delegations.values()].map(({ accountId }) => accountId);
    const delegations = accounts.slice(0, 20).map((subject) => subjectKey('delegation', subject.slice('account:'.length)));
    const known = administrators.map((id) => subjectKey('delegation', id));
    await ask([...new Set([...delegations, ...known])]);
    await ask([subjectKey('root', organization.simulator.organization.root.id)], ['core', 'tags']);
    start();
    await nothingDue();
    expect(calls('ListDelegatedAdministrators')).toBe(1);
    expect(calls('ListDelegatedServicesForAccount')).toBe(new Set(administrators).size);
    expect(calls('ListRoots')).toBe(1);
    expect(await organization.live('delegation')).toEqual([...new Set(known)].sort());
  });

  it('is read by a walk over the pages of accounts when most of them moved', async () => {
    limit(0.5);
    const { actions } = organization.simulator;
    const destinationParentId = units[0]!.slice('ou:'.length);
    const moved = accounts.filter((subject) => {
      const { id, parentId } = organization.simulator.organization.accounts.get(subject.slice('account:'.length))!;
      return id !== organization.simulator.organization.managementAccount.id && parentId !== destinationParentId;
    });
    for (const subject of moved) actions.moveAccount({ accountId: subject.slice('account:'.length), destinationParentId });
    await ask(moved, ['core', 'placement']);
    start();
    await nothingDue();
    expect(calls('ListAccounts')).toBe(5);
    // Those that were begun before anybody counted.
    expect(calls('DescribeAccount')).toBeLessThanOrEqual(30);
    const live = await liveSubjects(organization.database.pool, organization.integration.id, ['account']);
    for (const subject of moved) expect(live.get(subject)?.parts.placement?.value.parentId).toBe(destinationParentId);
  });

  it('is read by the walk also where AWS says of one account only what it is, and that one is read alone', async () => {
    limit(0.5);
    // The first one that is listed has lost its path on the way.
    let pathless: string | undefined;
    const reader: AwsConnection['reader'] = (...given) => {
      const real = aws.reader(...given);
      return {
        ...real,
        async *listAccounts() {
          for await (const page of real.listAccounts()) {
            yield page.map(({ placement, ...account }) => {
              pathless ??= account.id;
              return placement === undefined || account.id === pathless ? account : { ...account, placement };
            });
          }
        },
      };
    };
    await ask(accounts, ['core', 'placement']);
    start({}, reader);
    await nothingDue();
    expect(calls('ListAccounts')).toBe(5);
    expect(calls('DescribeAccount')).toBeLessThanOrEqual(31);
  });

  it('is read alone where the walk did not name it: absence is no answer', async () => {
    limit(0.5);
    const strangers = Array.from({ length: 3 }, (_, index) => subjectKey('account', `99999999999${index}`));
    const [removed] = accounts.filter((subject) => subject !== accounts[0]).slice(5);
    organization.simulator.actions.removeAccountFromOrganization({ accountId: removed!.slice('account:'.length) });
    await ask(accounts.slice(0, 5));
    await ask([...accounts.slice(5), ...strangers], ['core'], 'nominated');
    start();
    await nothingDue();
    expect(calls('ListAccounts')).toBe(5);
    expect(await organization.live('account')).toEqual(accounts.filter((subject) => subject !== removed).sort());
  });

  it('is left to a full sync when most of everything changed', async () => {
    limit(0.5);
    await ask(accounts);
    await ask(units);
    start();
    await until(isFullSyncAsked);
    await delay(500);
    const asked = organization.simulator.calls;
    expect(asked['ListAccounts']).toBeUndefined();
    await delay(2_000);
    // What comes afterwards is read at once, and nothing else is.
    const before = (await due()).account ?? 0;
    expect(before).toBeGreaterThan(60);
    await ask([subjectKey('account', '999999999990')]);
    await until(
      async () => calls('DescribeAccount') > 0 && (await organization.requests())['account:999999999990'] === undefined,
    );
    expect((await due()).account).toBe(before);
  });

  it('is read by walks when the full sync that it waits for fails, and waits for none before one has succeeded', async () => {
    limit(0.5);
    await ask(accounts);
    await ask(units);
    start();
    await until(isFullSyncAsked);
    organization.simulator.setBehaviour({ denied: ['DescribeOrganization'] });
    await expect(organization.sync('full')).rejects.toThrow();
    organization.simulator.resetCalls();
    await nothingDue();
    expect(calls('ListAccounts')).toBeLessThanOrEqual(10);
    expect(calls('DescribeAccount')).toBeLessThan(60);
  });

  it('tells how long it takes at our share of the rates', async () => {
    limit(0.5);
    const { pool } = organization.database;
    const backlog = () =>
      readBacklog(pool, organization.integration.id, { callsPerSecond: (operation) => aws.allowedPerSecond(operation) });
    expect(await backlog()).toMatchObject({ due: 0, expectedSeconds: 0 });
    await ask(accounts, ['tags']);
    expect(await backlog()).toMatchObject({ due: 100, open: 100, expectedSeconds: 20 });
    // Where AWS gives no paths, a parent is asked for besides; who has learned that may be another process.
    await organization.forgetRequests();
    await ask(accounts, ['placement']);
    const { expectedSeconds } = await backlog();
    organization.simulator.setBehaviour({ withoutPaths: true });
    await organization.sync('full');
    await organization.forgetRequests();
    await ask(accounts, ['placement']);
    expect((await backlog()).expectedSeconds).toBeGreaterThan(expectedSeconds);
  });
});

describe('a subject of which a part cannot be read', () => {
  it('is read once a try: what follows from the part that was read does not ask for the other at once', async () => {
    const { pool } = organization.database;
    organization.simulator.setBehaviour({ withoutPaths: true, denied: ['ListParents'] });
    await pool.query(`UPDATE discovery.observed_subjects SET parts = parts - 'placement' WHERE subject = $1`, [accounts[0]]);
    await ask(accounts.slice(0, 1), ['placement'], 'unread');
    start({ maximumRetrySeconds: 300 });
    const attempts = async () => {
      const { rows } = await pool.query<{ attempts: number }>('SELECT attempts FROM discovery.refresh_requests');
      return rows[0]?.attempts ?? 0;
    };
    await until(async () => (await attempts()) >= 3);
    await refreshes!.stop();
    refreshes = undefined;
    expect(calls('DescribeAccount')).toBe(await attempts());
    expect(await countRequests(pool, organization.integration.id)).toMatchObject({ due: 0, waiting: 1, open: 1, stuck: 1 });
  });
});

describe('a worker that is stopped', () => {
  it('gives back what waits for its turn, so that another one reads it at once', async () => {
    limit(0.5);
    await ask(accounts, ['tags']);
    start();
    await until(() => calls('ListTagsForResource') >= 2);
    const begun = performance.now();
    await refreshes!.stop();
    refreshes = undefined;
    expect(performance.now() - begun).toBeLessThan(5_000);
    const { rows } = await organization.database.pool.query<{ claimed: number; failed: number }>(
      `SELECT count(*) FILTER (WHERE claimed_until IS NOT NULL)::int AS claimed, count(*) FILTER (WHERE attempts > 0)::int AS failed
         FROM discovery.refresh_requests`,
    );
    expect(rows).toEqual([{ claimed: 0, failed: 0 }]);
  });
});

describe('a swarm of events', () => {
  it('is waited for: what is named again and again is read when it is over', async () => {
    limit(0.5);
    start();
    const begun = performance.now();
    // A hundred a second, where five can be read; each account has a second or so between two events.
    for (let turn = 0; performance.now() - begun < 6_000; turn += 1) {
      await ask(
        Array.from({ length: 10 }, (_, index) => accounts[(turn * 10 + index * 7) % accounts.length]!),
        ['tags'],
      );
      await delay(100);
    }
    const during = calls('ListTagsForResource');
    // Without waiting it would be thirty.
    expect(during).toBeLessThan(25);
    const over = performance.now();
    await until(() => calls('ListTagsForResource') > during + 10);
    expect(performance.now() - over).toBeLessThan(6_000);
  });
});
