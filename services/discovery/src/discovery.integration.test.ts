import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fromBinary } from '@bufbuild/protobuf';
import { connectToAws, createRoleVerifier } from '@orgtrail/aws';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { createPostgresBus, type Bus } from '@orgtrail/messaging';
import { observation } from '@orgtrail/proto';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { createDiscovery, type Discovery } from './discovery.js';
import { changeIntegration, createIntegration, newIntegration, removeIntegration, setPaused } from './integrations/administer.js';
import type { StoredIntegration } from './integrations/integration.js';
import type { GivenIntegration } from './integrations/register-from-environment.js';
import { endOverlap, rotateExternalId } from './integrations/rotate-external-id.js';
import { selectIntegration } from './integrations/sql/select-integrations.js';
import { migrate } from '@orgtrail/database';
import { askMembers } from './integrations/sql/update-integration.js';
import { listMembers, listTransitions } from './members/sql/list-members.js';
import { setMemberRole } from './members/sql/member-roles.js';
import { migrations } from './migrations/index.js';
import { approveDeletions } from './refresh/answer-held-deletions.js';
import { askFullSync } from './refresh/sql/sync-asks.js';
import { createDiscoveryMetrics } from './proof/metrics.js';

jest.setTimeout(60_000);

const rolePath = 'security/orgtrail';
let database: TestDatabase;
let bus: Bus;
let simulators: Simulator[];
let discovery: Discovery;
let discoveryWith: (given?: GivenIntegration) => Discovery;

beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
  const logger = createLogger({ service: 'test', level: 'silent' });
  bus = await createPostgresBus({ pool: database.pool, logger });
  simulators = await Promise.all([41, 42].map((seed) => startSimulator({ seed, accounts: 12, organizationalUnits: 3 })));
  // Which organization's AWS a role belongs to: in truth there is one AWS for all.
  const awsOf = (roleArn: string | undefined) => {
    const simulator =
      simulators.find(({ organization }) => organization.accounts.has(roleArn?.split(':')[4] ?? '')) ?? simulators[0]!;
    return { endpoint: simulator.endpoint, region: 'us-east-1', credentials: simulator.credentialsFor('999988887777') };
  };
  const verifiers = simulators.map((simulator) =>
    createRoleVerifier({ ...awsOf(`::::${simulator.organization.managementAccount.id}`), membersPerSecond: 500 }),
  );
  discoveryWith = (given) =>
    createDiscovery({
      pool: database.pool,
      bus,
      connect: (role) => connectToAws({ ...awsOf(role.roleArn), ...role, rateShare: 1000 }),
      verifier: () => ({
        principal: () => verifiers[0]!.principal(),
        verify: (question, signal) =>
          verifiers[simulators.findIndex(({ organization }) => organization.accounts.has(question.accountId))]!.verify(
            question,
            signal,
          ),
        calls: () => ({}),
        destroy: () => undefined,
      }),
      logger,
      metrics: createDiscoveryMetrics(createMetrics().meter),
      process: {
        missedChangeWindowSeconds: 900,
        membersPerSecond: 500,
        confirmation: { confirmAfterSeconds: [0.5, 1], confirmNotFoundAfterSeconds: 0.3, maximumRetrySeconds: 1 },
      },
      given,
    });
  discovery = discoveryWith();
  await discovery.start();
});
afterEach(async () => {
  await discovery.stop();
  await bus.close();
  await Promise.all(simulators.map((simulator) => simulator.close()));
  await database.drop();
});

async function eventually<T>(read: () => Promise<T>, expected: (value: T) => void): Promise<void> {
  const giveUp = Date.now() + 20_000;
  for (;;) {
    const value = await read();
    try {
      expected(value);
      return;
    } catch (error) {
      if (Date.now() > giveUp) throw error;
      await delay(100);
    }
  }
}
const integrationOf = async (simulator: Simulator, name: string, more: object = {}): Promise<StoredIntegration> => {
  const made = await createIntegration(
    database.pool,
    newIntegration.parse({
      name,
      roleArn: `arn:aws:iam::${simulator.organization.managementAccount.id}:role/${rolePath}`,
      externalId: `id-of-${name}`,
      queueUrl: simulator.queueUrl,
      syncInterval: 'disabled',
      ...more,
    }),
  );
  simulator.actions.putRoleInEveryAccount({ roleName: rolePath, trustedPrincipal: '999988887777', externalId: `id-of-${name}` });
  discovery.wake();
  return made;
};
const conditionOf = (id: string) => async () => (await selectIntegration(database.pool, id))?.condition;
const membersOf =
  ({ id }: StoredIntegration) =>
  () =>
    listMembers(database.pool, id);
const settled = (integration: StoredIntegration) =>
  eventually(membersOf(integration), (members) => {
    expect(members.length).toBeGreaterThan(5);
    expect(members.filter(({ status }) => status === 'PENDING')).toEqual([]);
  });
const someMember = (simulator: Simulator) =>
  [...simulator.organization.accounts.values()].find(
    ({ id, state, tags }) =>
      id !== simulator.organization.managementAccount.id &&
      state === 'ACTIVE' &&
      tags.size < 40 &&
      !tags.has('j1-integration') &&
      !simulator.organization.isDelegatedAdministrator(id),
  )!.id;
const statusOf = (integration: StoredIntegration, accountId: string) => async () =>
  (await listMembers(database.pool, integration.id, accountId))[0];

describe('the integration of the environment', () => {
  it('stays as it was changed through the API where the environment says nothing, and never gets a rotated external id back', async () => {
    const [simulator] = simulators as [Simulator];
    const roleArn = `arn:aws:iam::${simulator.organization.managementAccount.id}:role/${rolePath}`;
    const trustOnly = (externalId: string) =>
      simulator.actions.putRoleInEveryAccount({ roleName: rolePath, trustedPrincipal: '999988887777', externalId });
    const given = { settings: { roleArn, syncInterval: 'disabled' as const }, externalId: 'of-the-environment' };
    trustOnly('of-the-environment');
    const first = discoveryWith(given);
    await first.start();
    const { id } = first.integration();
    await changeIntegration(database.pool, id, { name: 'named by hand' });
    await rotateExternalId(database.pool, id, { externalId: 'rotated', overlapHours: 0 });
    trustOnly('rotated');
    await first.stop();

    const second = discoveryWith(given);
    await second.start();
    expect(second.integration()).toMatchObject({ id, name: 'named by hand' });
    expect((await selectIntegration(database.pool, id))?.externalId).toBe('rotated');
    await second.stop();
  });
});

describe('several organizations in one installation', () => {
  it('are watched side by side, each with its own members', async () => {
    const both = [await integrationOf(simulators[0]!, 'one'), await integrationOf(simulators[1]!, 'two')];
    for (const [index, integration] of both.entries()) {
      await settled(integration);
      const { accounts, managementAccount } = simulators[index]!.organization;
      expect((await membersOf(integration)()).map(({ accountId }) => accountId).sort()).toEqual(
        [...accounts.keys()].filter((id) => id !== managementAccount.id).sort(),
      );
    }
  });

  it('take the same one only once, whatever role leads there', async () => {
    const [simulator] = simulators as [Simulator];
    const first = await integrationOf(simulator, 'one');
    await eventually(conditionOf(first.id), (condition) => expect(condition?.code).toBe('CONNECTED'));
    const administrator = [...simulator.organization.accounts.keys()].find((id) =>
      simulator.organization.isDelegatedAdministrator(id),
    )!;
    const second = await integrationOf(simulator, 'two', { roleArn: `arn:aws:iam::${administrator}:role/${rolePath}` });
    await eventually(conditionOf(second.id), (condition) =>
      expect(condition).toMatchObject({ code: 'FAILED', cause: 'ORGANIZATION_ALREADY_INTEGRATED' }),
    );
  });

  it('refuse an ordinary member, and accept a delegated administrator with the sentence about events', async () => {
    const [one, two] = simulators as [Simulator, Simulator];
    const ordinary = await integrationOf(one, 'ordinary', { roleArn: `arn:aws:iam::${someMember(one)}:role/${rolePath}` });
    await eventually(conditionOf(ordinary.id), (condition) =>
      expect(condition).toMatchObject({ code: 'FAILED', cause: 'NOT_MANAGEMENT_OR_DELEGATED' }),
    );
    const administrator = [...two.organization.accounts.keys()].find((id) => two.organization.isDelegatedAdministrator(id))!;
    const delegated = await integrationOf(two, 'delegated', {
      roleArn: `arn:aws:iam::${administrator}:role/${rolePath}`,
      queueUrl: null,
    });
    await eventually(conditionOf(delegated.id), (condition) =>
      expect(condition).toMatchObject({
        code: 'CONNECTED',
        message: expect.stringContaining("events must come from the management account's queue"),
      }),
    );
  });
});

describe('one organization', () => {
  let simulator: Simulator;
  let integration: StoredIntegration;
  beforeEach(async () => {
    simulator = simulators[0]!;
    integration = await integrationOf(simulator, 'one', { tagWithAccountName: true, tagAsProduction: true });
    await settled(integration);
  });

  it('skips and un-skips a member within the event latency, says who did it, and warns of near misses', async () => {
    const accountId = someMember(simulator);
    const actor = `arn:aws:sts::${simulator.organization.managementAccount.id}:assumed-role/platform-admin/ana`;
    simulator.actions.tagResource({ resourceId: accountId, tags: { 'J1-Integration': 'SKIP' } });
    await eventually(statusOf(integration, accountId), (member) => {
      expect(member?.status).toBe('CONNECTED');
      expect(member?.warnings).toEqual([expect.stringContaining('J1-Integration')]);
    });
    simulator.actions.tagResource({ resourceId: accountId, tags: { 'j1-integration': ' skip' }, as: actor });
    await eventually(statusOf(integration, accountId), (member) =>
      expect(member).toMatchObject({
        status: 'SKIPPED',
        cause: 'TAGGED',
        changedBy: { principalArn: actor, eventName: 'TagResource' },
        reason: expect.stringContaining(actor),
      }),
    );
    simulator.actions.untagResource({ resourceId: accountId, tagKeys: ['j1-integration'] });
    await eventually(statusOf(integration, accountId), (member) => expect(member?.status).toBe('CONNECTED'));
    expect((await listTransitions(database.pool, integration.id, accountId)).slice(0, 2).map(({ to }) => to)).toEqual([
      'CONNECTED',
      'SKIPPED',
    ]);
  });

  it('does not start a member that left and came back before its tags were read twice, and says that its skip tag is gone', async () => {
    const accountId = someMember(simulator);
    simulator.actions.tagResource({ resourceId: accountId, tags: { 'j1-integration': 'SKIP' } });
    await eventually(statusOf(integration, accountId), (member) => expect(member?.status).toBe('SKIPPED'));
    simulator.actions.removeAccountFromOrganization({ accountId });
    await eventually(statusOf(integration, accountId), (member) => expect(member?.status).toBe('REMOVED'));
    const { handshakeId } = simulator.actions.inviteAccountToOrganization({ target: { type: 'ACCOUNT', id: accountId } });
    simulator.actions.acceptHandshake({ handshakeId });
    await eventually(statusOf(integration, accountId), (member) => {
      expect(member).toMatchObject({ status: 'CONNECTED' });
      expect(member?.warnings.join(' ')).toContain('came back without its tags');
    });
    expect((await listTransitions(database.pool, integration.id, accountId)).map(({ cause }) => cause)).toContain(
      'TAGS_NOT_CONFIRMED',
    );
  });

  it('follows the skip tag of an OU, and moves, when that is wanted', async () => {
    const accountId = someMember(simulator);
    const [unit] = [...simulator.organization.organizationalUnits.values()];
    simulator.actions.tagResource({ resourceId: unit!.id, tags: { 'j1-integration': 'SKIP' } });
    if (simulator.organization.accounts.get(accountId)!.parentId !== unit!.id) {
      simulator.actions.moveAccount({ accountId, destinationParentId: unit!.id });
    }
    await changeIntegration(database.pool, integration.id, { skipOrganizationalUnits: true });
    discovery.wake();
    await eventually(statusOf(integration, accountId), (member) =>
      expect(member).toMatchObject({
        status: 'SKIPPED',
        cause: 'ORGANIZATIONAL_UNIT_TAGGED',
        reason: expect.stringContaining(unit!.id),
      }),
    );
    simulator.actions.moveAccount({ accountId, destinationParentId: simulator.organization.root.id });
    await eventually(statusOf(integration, accountId), (member) => expect(member?.status).toBe('CONNECTED'));
  });

  it('finds the place of an account that moved also where AWS tells no path, by the way up from parent to parent', async () => {
    simulator.setBehaviour({ withoutPaths: true });
    const accountId = someMember(simulator);
    const unit = [...simulator.organization.organizationalUnits.values()].find(
      ({ id }) => id !== simulator.organization.accounts.get(accountId)!.parentId,
    )!;
    simulator.resetCalls();
    simulator.actions.moveAccount({ accountId, destinationParentId: unit.id });
    const placement = async () => {
      const { rows } = await database.pool.query<{ parent: string | null }>(
        `SELECT parts->'placement'->'value'->>'parentId' AS parent FROM discovery.observed_subjects WHERE subject = $1`,
        [`account:${accountId}`],
      );
      return rows[0]?.parent;
    };
    await eventually(placement, (parent) => expect(parent).toBe(unit.id));
    await eventually(
      async () => simulator.calls,
      (calls) => expect(calls).toMatchObject({ ListParents: expect.any(Number) }),
    );
  });

  it('verifies a failed member again at once when an event touches its account', async () => {
    const accountId = someMember(simulator);
    const roleArn = `arn:aws:iam::${accountId}:role/${rolePath}`;
    simulator.actions.removeRole(roleArn);
    await database.pool.query(
      `UPDATE discovery.members SET verification = 'none', due_at = clock_timestamp() WHERE account_id = $1`,
      [accountId],
    );
    await eventually(statusOf(integration, accountId), (member) => expect(member?.status).toBe('FAILED'));
    const { dueAt } = (await statusOf(integration, accountId)())!;
    expect(dueAt!.getTime() - Date.now()).toBeGreaterThan(30_000);
    simulator.actions.putRole({ arn: roleArn, trustedPrincipal: '999988887777', externalId: 'id-of-one' });
    simulator.actions.putAccountName({ accountId, accountName: 'touched' });
    await eventually(statusOf(integration, accountId), (member) =>
      expect(member).toMatchObject({ status: 'CONNECTED', name: 'touched' }),
    );
  });

  it('verifies all members again, negative checks included, when the intermediate role is another', async () => {
    await changeIntegration(database.pool, integration.id, {
      intermediateRole: { roleArn: 'arn:aws:iam::999988887777:role/hub' },
    });
    const { rows } = await database.pool.query<{ soon: number; checked: number; all: number }>(
      `SELECT count(*) FILTER (WHERE due_at < clock_timestamp() + interval '61 seconds')::int AS soon,
              count(negative_checked_at)::int AS checked, count(*)::int AS all
         FROM discovery.members WHERE integration_id = $1 AND due_at IS NOT NULL`,
      [integration.id],
    );
    expect(rows[0]?.all).toBeGreaterThan(3);
    expect(rows[0]?.soon).toBe(rows[0]?.all);
    expect(rows[0]?.checked).toBe(0);
  });

  it('keeps a member that is refused once, and fails it at the second refusal', async () => {
    const accountId = someMember(simulator);
    const due = () =>
      database.pool.query(`UPDATE discovery.members SET due_at = clock_timestamp() WHERE account_id = $1`, [accountId]);
    simulator.actions.removeRole(`arn:aws:iam::${accountId}:role/${rolePath}`);
    await due();
    await eventually(statusOf(integration, accountId), (member) => {
      expect(member?.status).toBe('CONNECTED');
      expect(member?.warnings.join(' ')).toContain('refused');
    });
    await due();
    await eventually(statusOf(integration, accountId), (member) => expect(member?.status).toBe('FAILED'));
  });

  it('pauses the member of an account whose ending is held', async () => {
    const accountId = someMember(simulator);
    await database.pool.query(`INSERT INTO discovery.held_deletions (integration_id, subject) VALUES ($1, $2)`, [
      integration.id,
      `account:${accountId}`,
    ]);
    await askMembers(database.pool, integration.id);
    await eventually(statusOf(integration, accountId), (member) =>
      expect(member).toMatchObject({ status: 'PENDING', cause: 'DELETION_HELD' }),
    );
  });

  it('holds departures that no event announced, says so, and ends them when an operator approves', async () => {
    const leaving = [...simulator.organization.accounts.values()]
      .filter(({ id, state }) => id !== simulator.organization.managementAccount.id && state === 'ACTIVE')
      .filter(({ id }) => !simulator.organization.isDelegatedAdministrator(id))
      .slice(0, 5)
      .map(({ id }) => id);
    simulator.setBehaviour({ lossRate: 1 });
    for (const accountId of leaving) simulator.actions.removeAccountFromOrganization({ accountId });
    await askFullSync(database.pool, integration.id, 'test');
    await eventually(conditionOf(integration.id), (condition) =>
      expect(condition).toMatchObject({
        code: 'CONNECTED',
        message: expect.stringContaining('5 deletions wait for an operator'),
      }),
    );
    for (const accountId of leaving) {
      expect(await statusOf(integration, accountId)()).toMatchObject({ status: 'PENDING', cause: 'DELETION_HELD' });
    }
    const subjects = leaving.map((accountId) => `account:${accountId}`);
    expect(await approveDeletions(database.pool, integration.id, { subjects, approvedBy: 'ana' })).toHaveLength(5);
    for (const accountId of leaving) {
      await eventually(statusOf(integration, accountId), (member) => expect(member?.status).toBe('REMOVED'));
    }
    await eventually(conditionOf(integration.id), (condition) => expect(condition?.message).not.toContain('operator'));
  });

  it('uses a role given by hand, and the derived one again', async () => {
    const accountId = someMember(simulator);
    const own = `arn:aws:iam::${accountId}:role/its-own`;
    await setMemberRole(database.pool, integration.id, accountId, own);
    await changeIntegration(database.pool, integration.id, { description: 'derive again' });
    await eventually(statusOf(integration, accountId), (member) =>
      expect(member).toMatchObject({ status: 'FAILED', cause: 'ROLE_NOT_ASSUMABLE', roleArn: own, roleOverridden: true }),
    );
    await setMemberRole(database.pool, integration.id, accountId, undefined);
    await changeIntegration(database.pool, integration.id, { description: 'and again' });
    await eventually(statusOf(integration, accountId), (member) =>
      expect(member).toMatchObject({ status: 'CONNECTED', roleArn: `arn:aws:iam::${accountId}:role/${rolePath}` }),
    );
  });

  it('rotates the external id: both work during the overlap, and afterwards the former one has to be refused', async () => {
    const accountId = someMember(simulator);
    await rotateExternalId(database.pool, integration.id, { externalId: 'the-new-one', overlapHours: 1 });
    await database.pool.query(`UPDATE discovery.members SET due_at = clock_timestamp() WHERE due_at IS NOT NULL`);
    await eventually(statusOf(integration, accountId), (member) => {
      expect(member?.status).toBe('CONNECTED');
      expect(member?.warnings.join(' ')).toContain('former external id');
    });
    const policy = (ids: string[]) => ({
      Statement: [
        {
          Effect: 'Allow' as const,
          Principal: { AWS: '999988887777' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': ids } },
        },
      ],
    });
    simulator.actions.putRoleFromTrustPolicy({ roleName: rolePath, policy: policy(['the-new-one', 'id-of-one']) });
    await database.pool.query(
      `UPDATE discovery.integrations SET previous_external_id_until = clock_timestamp() - interval '1 second'`,
    );
    await endOverlap(database.pool, integration.id);
    await database.pool.query(`UPDATE discovery.members SET due_at = clock_timestamp() WHERE due_at IS NOT NULL`);
    await eventually(statusOf(integration, accountId), (member) =>
      expect(member).toMatchObject({ status: 'FAILED', cause: 'OLD_EXTERNAL_ID_ACCEPTED' }),
    );
    simulator.actions.putRoleFromTrustPolicy({ roleName: rolePath, policy: policy(['the-new-one']) });
    await database.pool.query(`UPDATE discovery.members SET due_at = clock_timestamp() WHERE due_at IS NOT NULL`);
    await eventually(statusOf(integration, accountId), (member) => expect(member?.status).toBe('CONNECTED'));
  });

  it('publishes tags of the configuration, and no e-mail address and no member after they were switched off', async () => {
    await discovery.published();
    const published = async (after: string) => {
      const { rows } = await database.pool.query<{ value: Buffer }>(
        `SELECT value FROM bus.records WHERE topic LIKE '%observations%' AND published_at > $1::timestamptz ORDER BY record_offset`,
        [after],
      );
      return rows.map(({ value }) => fromBinary(observation.ObservationSchema, value));
    };
    const [account] = (await published('epoch')).filter(
      ({ state }) => state.case === 'account' && state.value.member !== undefined,
    );
    expect(account?.configuredTags).toMatchObject({ AccountName: expect.any(String), Production: 'true' });
    await changeIntegration(database.pool, integration.id, { configureOrganizationAccounts: false });
    const { rows } = await database.pool.query<{ at: string }>(`SELECT clock_timestamp()::text AS at`);
    discovery.wake();
    await eventually(membersOf(integration), (members) => expect(members).toEqual([]));
    await eventually(
      () => published(rows[0]!.at),
      (later) => {
        const accounts = later.flatMap(({ state }) => (state.case === 'account' ? [state.value] : []));
        expect(accounts.length).toBeGreaterThan(10);
        expect(accounts.filter(({ email, member }) => email !== undefined || member !== undefined)).toEqual([]);
        expect(
          later.flatMap(({ state }) => (state.case === 'organizationState' && state.value.managementAccountEmail ? [state] : [])),
        ).toEqual([]);
      },
    );
  });

  it('pauses, resumes with what happened meanwhile, and is removed for good', async () => {
    await setPaused(database.pool, integration.id, true);
    discovery.wake();
    await eventually(conditionOf(integration.id), (condition) => expect(condition?.code).toBe('PAUSED'));
    const accountId = someMember(simulator);
    await delay(500);
    simulator.actions.tagResource({ resourceId: accountId, tags: { 'j1-integration': 'SKIP' } });
    await delay(1500);
    expect((await statusOf(integration, accountId)())?.status).toBe('CONNECTED');
    await setPaused(database.pool, integration.id, false);
    discovery.wake();
    await eventually(statusOf(integration, accountId), (member) => expect(member?.status).toBe('SKIPPED'));

    await removeIntegration(database.pool, integration.id);
    discovery.wake();
    await eventually(
      async () =>
        (
          await database.pool.query<{ value: Buffer }>(
            `SELECT value FROM bus.records WHERE topic LIKE '%observations%' ORDER BY record_offset DESC LIMIT 1`,
          )
        ).rows,
      ([last]) =>
        expect(fromBinary(observation.ObservationSchema, last!.value).state).toMatchObject({
          case: 'integrationState',
          value: { removed: true },
        }),
    );
    const again = await integrationOf(simulator, 'one');
    expect(again.id).not.toBe(integration.id);
    await settled(again);
  });
});

it('stops at once in the middle of a full sync, which stays due, and says nothing about the integration', async () => {
  const slow = simulators[0]!;
  // Six attempts with pauses: longer than four seconds.
  slow.setBehaviour({ failing: { ListAccounts: 'throttled' }, latencyMs: { ListAccounts: 700 } });
  const integration = await integrationOf(slow, 'Slow');
  await eventually(
    async () => slow.calls['ListAccounts'],
    (attempts) => expect(attempts).toBeGreaterThan(0),
  );
  const syncs = async () =>
    (
      await database.pool.query<{ outcome: string | null; summary: { error?: string } | null }>(
        'SELECT outcome, summary FROM discovery.full_syncs ORDER BY id',
      )
    ).rows;
  const condition = await conditionOf(integration.id)();
  const begun = performance.now();
  await discovery.stop();
  expect(performance.now() - begun).toBeLessThan(3_000);
  expect(await syncs()).toMatchObject([{ outcome: 'interrupted' }]);
  expect(await conditionOf(integration.id)()).toEqual(condition);

  slow.setBehaviour({ failing: {}, latencyMs: 0 });
  discovery = discoveryWith();
  await discovery.start();
  await eventually(syncs, (rows) => expect(rows.at(-1)).toMatchObject({ outcome: 'complete' }));
});

it('says that the event queue cannot be read, and goes on; and says so again when it can', async () => {
  const simulator = simulators[0]!;
  const integration = await integrationOf(simulator, 'Deaf');
  await eventually(conditionOf(integration.id), (condition) => expect(condition).toMatchObject({ code: 'CONNECTED' }));

  simulator.setBehaviour({ failing: { ReceiveMessage: 'server-error' } });
  // Ends the long poll that is under way.
  simulator.actions.tagResource({ resourceId: someMember(simulator), tags: { Heard: 'still' } });
  await eventually(conditionOf(integration.id), (condition) =>
    expect(condition).toMatchObject({ code: 'FAILED', cause: 'QUEUE_UNREADABLE' }),
  );
  // A refused integration takes nothing from the process: its API is how it is mended.
  for (const check of Object.values(discovery.checks ?? {})) await check();

  simulator.setBehaviour({ failing: {} });
  simulator.actions.tagResource({ resourceId: someMember(simulator), tags: { Heard: 'again' } });
  await eventually(conditionOf(integration.id), (condition) => expect(condition).toMatchObject({ code: 'CONNECTED' }));
});
