import { paginateGetResources, type ResourceTagMapping } from '@aws-sdk/client-resource-groups-tagging-api';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf } from '../testing/customer.js';

let simulator: Simulator;
let clock: number;

beforeEach(async () => {
  clock = Date.UTC(2026, 10, 1);
  simulator = await startSimulator({ seed: 9, accounts: 260, organizationalUnits: 20, now: () => clock });
});
afterEach(() => simulator.close());

async function resources(type: string, region = 'us-east-1'): Promise<ResourceTagMapping[]> {
  const { tagging: client } = customerOf(simulator, simulator.credentials, region);
  const found: ResourceTagMapping[] = [];
  for await (const page of paginateGetResources({ client }, { ResourceTypeFilters: [type], ResourcesPerPage: 100 })) {
    found.push(...(page.ResourceTagMappingList ?? []));
  }
  return found;
}

const tagsById = (mappings: readonly ResourceTagMapping[]) =>
  new Map(
    mappings.map(({ ResourceARN, Tags }) => [
      ResourceARN!.split('/').at(-1),
      new Map((Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    ]),
  );

describe('tag:GetResources', () => {
  it('finds every account that has tags, by its ARN in Organizations, and no other', async () => {
    const found = await resources('organizations:account');
    const tagged = [...simulator.organization.accounts.values()].filter(({ tags }) => tags.size > 0);
    expect(tagged.length).toBeLessThan(260);
    expect(tagsById(found)).toEqual(new Map(tagged.map(({ id, tags }) => [id, tags])));
    expect(found.map(({ ResourceARN }) => ResourceARN)).toEqual(expect.arrayContaining(tagged.map(({ arn }) => arn)));
    expect(simulator.calls['GetResources']).toBe(3);
  });

  it('finds units and the root too when asked for everything of Organizations', async () => {
    const found = tagsById(await resources('organizations'));
    const { root, organizationalUnits } = simulator.organization;
    expect(found.get(root.id)).toEqual(root.tags);
    for (const { id, tags } of organizationalUnits.values()) expect(found.get(id)).toEqual(tags.size > 0 ? tags : undefined);
  });

  it('keeps listing a resource whose tags were all removed', async () => {
    const account = [...simulator.organization.accounts.values()].find(({ tags }) => tags.size > 0)!;
    simulator.actions.untagResource({ resourceId: account.id, tagKeys: [...account.tags.keys()] });
    expect(tagsById(await resources('organizations:account')).get(account.id)).toEqual(new Map());
  });

  it('forgets a resource that left the organization, even when it comes back without tags', async () => {
    const { organization, actions } = simulator;
    const account = [...organization.accounts.values()].find(
      ({ id, tags, state }) =>
        tags.size > 0 &&
        state === 'ACTIVE' &&
        !organization.isDelegatedAdministrator(id) &&
        id !== organization.managementAccount.id,
    )!;
    actions.removeAccountFromOrganization({ accountId: account.id });
    const { handshakeId } = actions.inviteAccountToOrganization({ target: { type: 'ACCOUNT', id: account.id } });
    actions.acceptHandshake({ handshakeId });
    expect(tagsById(await resources('organizations:account')).has(account.id)).toBe(false);
  });

  it('lags behind the truth by as much as is set', async () => {
    simulator.setBehaviour({ tagIndexLagMs: 60_000 });
    const { id } = simulator.organization.managementAccount;
    simulator.actions.tagResource({ resourceId: id, tags: { fresh: 'yes' } });
    clock += 59_000;
    expect(
      tagsById(await resources('organizations:account'))
        .get(id)
        ?.has('fresh'),
    ).toBe(false);
    clock += 2_000;
    expect(
      tagsById(await resources('organizations:account'))
        .get(id)
        ?.get('fresh'),
    ).toBe('yes');
  });

  it('answers with nothing where set to, and in every other Region', async () => {
    expect(await resources('organizations:account', 'eu-central-1')).toEqual([]);
    simulator.setBehaviour({ tagIndexEmpty: true });
    expect(await resources('organizations:account')).toEqual([]);
  });
});
