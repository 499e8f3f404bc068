import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator, type Behaviours, type OrganizationView } from '@orgtrail/aws-simulator';
import { buildMotoOrganization, createTestDatabase, startMoto, type TestDatabase } from '@orgtrail/testkit';
import type { OrganizationDocument, SyncSummary } from './document/document.js';
import { orgtrail, type Ended } from './testing/command.fixture.js';

type Printed = OrganizationDocument & { summary: SyncSummary };

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'orgtrail-up-once-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function upOnce(
  endpoint: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
): Promise<{ ended: Ended; document: Printed }> {
  const ended = await orgtrail(['up', '--once', '--json', '--rate-share', '100', '--data-directory', folder], {
    DATABASE_URL: database.connectionString,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  if (ended.stdout === '') throw new Error(`Nothing was printed: ${ended.stderr}`);
  return { ended, document: JSON.parse(ended.stdout) as Printed };
}

const byId = <T extends { id: string }>(items: readonly T[]) => [...items].sort((left, right) => left.id.localeCompare(right.id));
const accountsOf = (document: Printed) =>
  byId(
    document.accounts.map(
      ({ id, orgAccountArn, name, email, status, joinedMethod, joinedOn, parentId, tags, hasManagementEdge }) => ({
        id,
        arn: orgAccountArn,
        name,
        email,
        state: status,
        joinedMethod,
        joinedTimestamp: joinedOn,
        parentId,
        tags,
        hasManagementEdge,
      }),
    ),
  );
const unitsOf = (document: Printed) =>
  byId(document.organizationalUnits.map(({ id, arn, name, parentId, tags }) => ({ id, arn, name, parentId, tags })));

const moto = await startMoto();

(moto ? describe : describe.skip)('one sync of an AWS that we did not write (moto)', () => {
  afterAll(() => moto?.stop());

  it('prints exactly the organization that was built there with its API', async () => {
    const expected = await buildMotoOrganization(moto!.endpoint, { accounts: 300, organizationalUnits: 20, depth: 4 });
    const { ended, document } = await upOnce(moto!.endpoint, { accessKeyId: 'testing', secretAccessKey: 'testing' });

    const { managementAccountId } = expected.organization;
    expect(accountsOf(document)).toEqual(
      expected.accounts.map((account) => ({ ...account, hasManagementEdge: account.id !== managementAccountId })),
    );
    expect(unitsOf(document)).toEqual(expected.organizationalUnits);
    expect(document.roots).toEqual(expected.roots);
    expect(document.organization).toMatchObject({ id: expected.organization.id, managementAccountId });
    const delegations = document.relationships.filter(({ type }) => type === 'aws_account_manages_organization');
    expect(delegations).toHaveLength(
      expected.delegated.reduce((sum, { servicePrincipals }) => sum + servicePrincipals.length, 0),
    );
    expect(document.summary).toMatchObject({ complete: true, accounts: 300, organizationalUnits: 20 });
    expect(document.summary.problems.join()).toContain('ListHandshakesForOrganization');
    expect(ended.code).toBe(0);
  }, 120_000);
});

describe('one sync of the simulated organization', () => {
  it.each<[string, Partial<Behaviours>]>([
    ['as AWS is today', {}],
    ['without Paths', { withoutPaths: true }],
    ['with Status only', { accountState: 'Status' }],
    ['with a tagging API that answers empty', { tagIndexEmpty: true }],
    ['with pages of 100 and empty pages', { pageSize: 100, emptyPageRate: 0.3 }],
    ['with an HTML page for handshakes', { failing: { ListHandshakesForOrganization: 'html' } }],
  ])(
    '%s prints what is in its memory',
    async (title, behaviours) => {
      const simulator = await startSimulator({ seed: title.length, accounts: 60, organizationalUnits: 14, ...behaviours });
      try {
        const { ended, document } = await upOnce(simulator.endpoint, simulator.credentials);
        expect(accountsOf(document)).toEqual(expectedAccounts(simulator.organization, behaviours));
        expect(unitsOf(document)).toEqual(
          byId([...simulator.organization.organizationalUnits.values()]).map(({ tags, ...unit }) => ({
            ...unit,
            tags: Object.fromEntries(tags),
          })),
        );
        expect({ complete: document.summary.complete, code: ended.code }).toEqual({ complete: true, code: 0 });
      } finally {
        await simulator.close();
      }
    },
    60_000,
  );
});

/** The retired `Status` knows no CLOSED: a closed account is SUSPENDED there. */
function expectedAccounts(organization: OrganizationView, { accountState }: Partial<Behaviours>) {
  return byId([...organization.accounts.values()]).map(({ tags, joinedAt, state, closedAt: _notShown, ...account }) => ({
    ...account,
    state: accountState === 'Status' && state === 'CLOSED' ? 'SUSPENDED' : state,
    joinedTimestamp: joinedAt,
    tags: Object.fromEntries(tags),
    hasManagementEdge: account.id !== organization.identity.managementAccountId,
  }));
}
