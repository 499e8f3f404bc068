import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { AwsError } from '@orgtrail/aws';
import { createTestDatabase } from '@orgtrail/testkit';
import { recordReads } from '../observed/record-reads.js';
import type { PartRead } from '../observed/subject-state.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { subjectKey, type SubjectKey } from '../subjects.js';
import { askRefresh } from './sql/ask-refresh.js';
import { claimDueRequests } from './sql/claim-due-requests.js';
import { urgencies } from './lanes.js';
import { startSyncedOrganization, type SyncedOrganization } from './sync.fixture.js';

jest.setTimeout(60_000);

let organization: SyncedOrganization;
beforeEach(async () => {
  organization = await startSyncedOrganization(await createTestDatabase(), { seed: 11, accounts: 40, organizationalUnits: 9 });
  await organization.sync('full', { isBaseline: true });
  await organization.readTags();
});
afterEach(() => organization.stop());

const keys = (kind: 'account' | 'ou' | 'delegation', ids: Iterable<string>) => [...ids].map((id) => subjectKey(kind, id)).sort();
const ordinaryMember = ({ simulator }: SyncedOrganization): string => {
  const { accounts, managementAccount, isDelegatedAdministrator } = simulator.organization;
  return [...accounts.values()].find(
    ({ id, state }) =>
      id !== managementAccount.id && state === 'ACTIVE' && !isDelegatedAdministrator.call(simulator.organization, id),
  )!.id;
};
const record = async (subject: SubjectKey, read: (version: bigint) => PartRead): Promise<void> => {
  const { database, integration } = organization;
  const version = await drawVersion(database.pool, integration.id);
  await recordReads(database.pool, integration, [{ subject, reads: [read(version)] }], {
    publish: 'changed',
    baseline: true,
    countUnexplained: false,
    confirmTagsAfterSeconds: 30,
  });
  await organization.forgetRequests();
};
/** A live account that AWS does not know. */
const forgotten = subjectKey('account', '999999999999');
const recordForgotten = () =>
  record(forgotten, (version) => ({ part: 'core', version, value: { arn: 'arn:aws:organizations::x', name: 'forgotten' } }));

describe('a full sync', () => {
  it('knows every account and OU with its place, whether AWS tells paths or not', async () => {
    const { simulator, live, database, sync } = organization;
    const { accounts, organizationalUnits } = simulator.organization;
    const places = async () => {
      const { rows } = await database.pool.query<{ subject: string; ancestors: string[] }>(
        `SELECT subject, parts #> '{placement,value,ancestorIds}' AS ancestors FROM discovery.observed_subjects WHERE kind IN ('account', 'ou') ORDER BY 1`,
      );
      return rows;
    };
    expect(await live('account')).toEqual(keys('account', accounts.keys()));
    expect(await live('ou')).toEqual(keys('ou', organizationalUnits.keys()));
    const byPath = await places();
    expect(byPath.every(({ ancestors }) => ancestors[0] === simulator.organization.root.id)).toBe(true);

    await database.pool.query(`UPDATE discovery.observed_subjects SET parts = parts - 'placement'`);
    simulator.setBehaviour({ withoutPaths: true });
    const summary = await sync('full');
    expect(summary.calls).toMatchObject({ ListAccountsForParent: 10 });
    expect(await places()).toEqual(byPath);
    // Nobody is asked about alone, since every account was held back until its place was known.
    expect(summary).toMatchObject({ complete: true, nominated: 0 });
    expect(Object.values(await organization.requests()).filter(({ parts }) => parts.includes('placement'))).toEqual([]);
  });

  it('nominates what a complete listing lacks, and ends none of it', async () => {
    await recordForgotten();
    expect(await organization.sync('full')).toMatchObject({ complete: true, nominated: 1 });
    expect(await organization.live('account')).toContain(forgotten);
    expect(await organization.requests()).toMatchObject({
      [forgotten]: { reason: 'nominated', parts: expect.arrayContaining(['core', 'placement']) },
    });
  });

  it('is named with what it found, in what it asks for too, until an event explains it; the next that repeats it is not', async () => {
    const { simulator, database, integration, sync, published } = organization;
    await database.pool.query('UPDATE discovery.observed_subjects SET published_version = subject_version');
    await recordForgotten();
    await database.pool.query('UPDATE discovery.observed_subjects SET published_version = subject_version');
    const moved = ordinaryMember(organization);
    const { parentId } = simulator.organization.accounts.get(moved)!;
    const to = [...simulator.organization.organizationalUnits.keys()].find((id) => id !== parentId)!;
    simulator.actions.moveAccount({ accountId: moved, sourceParentId: parentId, destinationParentId: to });
    const account = subjectKey('account', moved);
    await sync('light');
    const { rows } = await database.pool.query<{ id: string; started_at: Date }>(
      `SELECT id, started_at FROM discovery.full_syncs WHERE kind = 'light'`,
    );
    const light = { id: BigInt(rows[0]!.id), kind: 'light', startedAt: timestampFromDate(rows[0]!.started_at) };
    expect((await published(account))?.foundBy).toMatchObject(light);

    await sync('full');
    expect((await published(account))?.foundBy).toMatchObject(light);
    // It repeats everything, so that it heals the graph: what it heals is its own finding.
    expect((await published(subjectKey('ou', to)))?.foundBy).toMatchObject({ kind: 'full' });

    const asked = await claimDueRequests(database.pool, integration.id, {
      wanted: urgencies.map((urgency) => ({ lane: 'account', urgency, most: 1000 })),
      leaseSeconds: 10,
    });
    expect(asked.find(({ subject }) => subject === forgotten)).toMatchObject({ foundBy: { kind: 'light' } });

    const version = await drawVersion(database.pool, integration.id);
    const move = { eventId: 'e1', eventName: 'MoveAccount' };
    await recordReads(
      database.pool,
      integration,
      [
        {
          subject: account,
          reads: [{ part: 'placement', version, value: { parentId, ancestorIds: [parentId] } }],
          causes: [move],
        },
      ],
      { publish: 'changed', baseline: false, countUnexplained: false, confirmTagsAfterSeconds: 30 },
    );
    expect(await published(account)).toMatchObject({ cause: { eventName: 'MoveAccount' } });
    expect((await published(account))?.foundBy).toBeUndefined();
  });

  it('nominates nothing when the OUs below one parent could not be listed', async () => {
    await recordForgotten();
    organization.simulator.setBehaviour({ failing: { ListOrganizationalUnitsForParent: 'html' } });
    const summary = await organization.sync('full');
    expect(summary).toMatchObject({ complete: false, nominated: 0 });
    expect(summary.incompleteBecause.join()).toContain('could not be listed');
    expect(await organization.requests()).not.toHaveProperty([forgotten]);
  });

  it('nominates nothing when the management account is missing in the listing', async () => {
    await recordForgotten();
    const integration = { ...organization.integration, managementAccountId: '000000000001' };
    expect(await organization.sync('full', { integration })).toMatchObject({
      incompleteBecause: ['ListAccounts lacks the management account'],
      nominated: 0,
    });
  });

  it('changes nothing when the credentials read another organization', async () => {
    const { simulator, integration, database, sync, foundChanges } = organization;
    simulator.actions.putAccountName({ accountId: ordinaryMember(organization), accountName: 'renamed' });
    const versions = async () => {
      const { rows } = await database.pool.query<{ subject: string; parts: object }>(
        `SELECT subject, parts FROM discovery.observed_subjects ORDER BY subject`,
      );
      return rows;
    };
    const before = await versions();
    await expect(sync('full', { integration: { ...integration, organizationId: 'o-another0000' } })).rejects.toThrow(
      'Nothing was changed',
    );
    expect(await versions()).toEqual(before);
    expect(await foundChanges()).toEqual([]);
  });

  it('leaves delegations and invitations alone whose list could not be read, and ends with a complete list what it lacks', async () => {
    const { simulator, sync, live } = organization;
    const invitations = await live('invitation');
    const delegations = await live('delegation');
    expect([invitations.length, delegations.length]).toEqual([1, 2]);
    for (const { accountId, servicePrincipal } of [...simulator.organization.delegations.values()])
      simulator.actions.deregisterDelegatedAdministrator({ accountId, servicePrincipal });
    const denied = ['ListDelegatedAdministrators', 'ListHandshakesForOrganization'];
    simulator.setBehaviour({ denied });
    const { problems, complete } = await sync('full');
    expect(complete).toBe(true);
    expect(problems.map(({ read }) => read).sort()).toEqual(denied.map((operation) => `organizations:${operation}`));
    expect(await live('delegation')).toEqual(delegations);
    expect(await live('invitation')).toEqual(invitations);
    simulator.setBehaviour({ denied: [] });
    await sync('full');
    expect(await live('delegation')).toEqual([]);
  });

  it('takes an administrator that went between the list and the look at its services for gone: everything was read', async () => {
    const { simulator, reading, live } = organization;
    const [gone] = simulator.organization.delegations.values();
    const before = await live('delegation');
    const leavesMeanwhile = reading((reader) => ({
      ...reader,
      listDelegatedServices: (accountId) => {
        const { delegations } = simulator.organization;
        const own = [...delegations.values()].filter((one) => one.accountId === accountId && accountId === gone?.accountId);
        for (const one of own)
          simulator.actions.deregisterDelegatedAdministrator({ accountId, servicePrincipal: one.servicePrincipal });
        return reader.listDelegatedServices(accountId);
      },
    }));
    expect(await organization.sync('full', { reader: leavesMeanwhile })).toMatchObject({ complete: true, problems: [] });
    expect(await live('delegation')).toEqual(before.filter((subject) => subject !== `delegation:${gone?.accountId}`));
  });

  it('keeps an administrator whose services could not be read', async () => {
    const before = await organization.live('delegation');
    organization.simulator.setBehaviour({ failing: { ListDelegatedServicesForAccount: 'html' } });
    const { problems } = await organization.sync('full');
    expect(problems.map(({ read }) => read)).toContain('organizations:ListDelegatedServicesForAccount');
    expect(await organization.live('delegation')).toEqual(before);
  });

  it('does not nominate what was read after it began', async () => {
    let isFirst = true;
    const summary = await organization.sync('full', {
      // While the listing goes on, an event reads an account that the listing will lack.
      onProgress: () => {
        if (isFirst) late = recordForgotten();
        isFirst = false;
      },
    });
    await late;
    expect(await organization.live('account')).toContain(forgotten);
    expect(summary.nominated).toBe(0);
  });
  let late: Promise<void>;

  it('settles the requests that it noted and answered whole, and no others', async () => {
    const { database, integration, simulator, sync, requests } = organization;
    const [one, two, three] = [...simulator.organization.accounts.keys()].map((id) => subjectKey('account', id));
    await askRefresh(database.pool, integration.id, [
      { subject: one!, parts: ['core', 'placement'], reason: 'unread' },
      { subject: two!, parts: ['core', 'tags'], reason: 'unread' },
      { subject: forgotten, parts: ['core'], reason: 'unread' },
    ]);
    await sync('full', {
      onProgress: ({ accounts }) => {
        if (accounts === 20 && !asked) {
          asked = askRefresh(database.pool, integration.id, [{ subject: three!, parts: ['core'], reason: 'unread' }]);
        }
      },
    });
    await asked;
    const left = await requests();
    expect(left).not.toHaveProperty([one!]);
    expect(left).toMatchObject({ [two!]: { parts: ['tags'] }, [three!]: { parts: ['core'] }, [forgotten]: {} });
  });
  let asked: Promise<void> | undefined;

  it('asks for the parents of a few accounts of which AWS tells no path, and searches no node', async () => {
    const member = ordinaryMember(organization);
    await organization.database.pool.query(
      `UPDATE discovery.observed_subjects SET parts = parts - 'placement' WHERE subject = 'account:' || $1`,
      [member],
    );
    const summary = await organization.sync('full', { reader: organization.withoutPathOf(member) });
    expect(summary).toMatchObject({ complete: true, problems: [], calls: { ListParents: 1 } });
    expect(summary.calls).not.toHaveProperty('ListAccountsForParent');
    expect(await organization.requests()).not.toHaveProperty([`account:${member}`]);
  });

  it('records everything but what the database cannot hold, which it does not take for missing', async () => {
    const { simulator, sync, live, requests } = organization;
    const member = ordinaryMember(organization);
    const [unit] = simulator.organization.organizationalUnits.values();
    const [delegation] = simulator.organization.delegations.values();
    await recordForgotten();
    const unstorable = [`account:${member}`, `delegation:${delegation!.accountId}`, `ou:${unit!.id}`];
    const summary = await sync('full', {
      reader: organization.reading((reader) => ({
        ...reader,
        listAccounts: async function* () {
          for await (const page of reader.listAccounts())
            yield page.map((account) => ({ ...account, name: account.id === member ? 'a\u0000b' : `new ${account.name}` }));
        },
        listOrganizationalUnitsForParent: async (parentId) =>
          (await reader.listOrganizationalUnitsForParent(parentId)).map((each) =>
            each.id === unit!.id ? { ...each, name: 'half a character: \ud800' } : each,
          ),
        listDelegatedServices: async (accountId) =>
          accountId === delegation!.accountId ? [{ servicePrincipal: '\u0000' }] : reader.listDelegatedServices(accountId),
      })),
    });
    expect(summary.problems.map(({ read }) => read).sort()).toEqual(unstorable);
    // All other accounts have their new name, and what is really missing is asked for alone.
    expect(summary).toMatchObject({ complete: true, changes: 39, nominated: 1 });
    expect(await requests()).toMatchObject({ [forgotten]: { reason: 'nominated' } });
    expect([...(await live('account')), ...(await live('delegation')), ...(await live('ou'))]).toEqual(
      expect.arrayContaining(unstorable),
    );
  });

  it('reads on where an account or OU lacks what identifies it, and takes nothing for missing', async () => {
    await recordForgotten();
    const malformed = new AwsError('the answer lacks Arn', { kind: 'malformed', operation: 'ListAccounts' });
    const summary = await organization.sync('full', {
      reader: organization.reading((reader) => ({
        ...reader,
        listAccounts: (onMalformed) => {
          onMalformed?.(malformed);
          return reader.listAccounts();
        },
        listOrganizationalUnitsForParent: (parentId, onMalformed) => {
          if (parentId.startsWith('r-')) onMalformed?.(malformed);
          return reader.listOrganizationalUnitsForParent(parentId);
        },
      })),
    });
    expect(summary).toMatchObject({ complete: false, nominated: 0, accounts: 40, organizationalUnits: 9 });
    expect(summary.incompleteBecause).toEqual([
      'an account could not be read: the answer lacks Arn',
      expect.stringMatching(/^an OU below r-.* could not be read: the answer lacks Arn$/),
    ]);
  });

  it('keeps a request of which it answered only a part', async () => {
    const { database, integration, simulator, sync, requests } = organization;
    const [one] = [...simulator.organization.accounts.keys()].map((id) => subjectKey('account', id));
    await askRefresh(database.pool, integration.id, [{ subject: one!, parts: ['core', 'placement'], reason: 'unread' }]);
    simulator.setBehaviour({ withoutPaths: true, failing: { ListAccountsForParent: 'html' } });
    expect(await sync('full')).toMatchObject({ complete: false });
    expect(await requests()).toHaveProperty([one!]);
  });

  it('stops between two pieces when it is interrupted, and takes nothing for gone', async () => {
    await recordForgotten();
    const stopping = new AbortController();
    await expect(
      organization.sync('full', { signal: stopping.signal, onProgress: () => stopping.abort(new Error('stopped')) }),
    ).rejects.toThrow('stopped');
    expect(await organization.requests()).toEqual({});
    const { rows } = await organization.database.pool.query<{ outcome: string }>(
      `SELECT outcome FROM discovery.full_syncs ORDER BY id DESC LIMIT 1`,
    );
    expect(rows[0]?.outcome).toBe('interrupted');
  });
});

describe('the bulk tag index', () => {
  const asked = async () =>
    Object.entries(await organization.requests()).map(([subject, { reason, parts }]) => `${subject} ${reason} ${parts.join()}`);

  it('points to differences in both directions, and replaces nothing', async () => {
    const { simulator, sync } = organization;
    const [more, less] = [...simulator.organization.accounts.values()].filter(({ tags }) => tags.size > 0 && tags.size < 40);
    simulator.actions.tagResource({ resourceId: more!.id, tags: { new: 'tag' } });
    simulator.actions.untagResource({ resourceId: less!.id, tagKeys: [...less!.tags.keys()] });
    const summary = await sync('full');
    expect(summary).toMatchObject({ tagIndexDrift: 2, changes: 0 });
    expect((await asked()).filter((line) => !line.includes('sample'))).toEqual(
      keys('account', [more!.id, less!.id]).map((subject) => `${subject} index-differs tags`),
    );
  });

  it('that names nothing of a resource differs from tags that were read', async () => {
    const { everTagged, accounts } = organization.simulator.organization;
    const untagged = subjectKey(
      'account',
      [...accounts.keys()].find((id) => !everTagged.has(id))!,
    );
    await record(untagged, (version) => ({ part: 'tags', version, value: { team: 'x' } }));
    expect(await organization.sync('full')).toMatchObject({ tagIndexDrift: 1 });
    expect(await asked()).toContain(`${untagged} index-differs tags`);
  });

  it('is measured by a sample of what was not read for longest, where it agrees', async () => {
    const { database, simulator, sync } = organization;
    const oldest = subjectKey('account', [...simulator.organization.accounts.keys()].at(-1)!);
    await database.pool.query(
      `UPDATE discovery.observed_subjects SET parts = jsonb_set(parts, '{tags,version}', '"1"') WHERE subject = $1`,
      [oldest],
    );
    const summary = await sync('full');
    expect(summary).toMatchObject({ tagIndexDrift: 0, tagsCompared: 50 });
    expect(await asked()).toEqual([`${oldest} sample tags`]);
  });

  it.each([{ denied: ['GetResources'] }, { failing: { GetResources: 'html' } as const }, { tagIndexEmpty: true }])(
    'proves nothing with %j: then each resource is read alone',
    async (behaviour) => {
      organization.simulator.setBehaviour(behaviour);
      const summary = await organization.sync('full');
      expect(summary.tagIndexDrift).toBeUndefined();
      expect(summary.complete).toBe(true);
      const lines = await asked();
      expect(lines).toHaveLength(50);
      expect(lines.every((line) => line.endsWith(' no-index tags'))).toBe(true);
    },
  );

  it('says nothing about whom the listing lacks: that one is asked for whole', async () => {
    await recordForgotten();
    await record(forgotten, (version) => ({ part: 'tags', version, value: { team: 'x' } }));
    expect(await organization.sync('full')).toMatchObject({ tagIndexDrift: 0 });
    expect(await organization.requests()).toMatchObject({ [forgotten]: { reason: 'nominated' } });
  });
});
