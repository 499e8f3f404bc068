import {
  CreateTrailCommand,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, failureOf, type Customer } from '../testing/customer.js';

let simulator: Simulator;
let trails: Customer['trails'];
let accountId: string;
let memberId: string;

beforeEach(async () => {
  simulator = await startSimulator({ seed: 8, accounts: 5, organizationalUnits: 2 });
  ({ trails } = customerOf(simulator));
  accountId = simulator.organization.managementAccount.id;
  memberId = [...simulator.organization.accounts.keys()].find((id) => id !== accountId)!;
});
afterEach(() => simulator.close());

const names = async (client: Customer['trails'], includeShadowTrails = true) =>
  ((await client.send(new DescribeTrailsCommand({ includeShadowTrails }))).trailList ?? []).map(({ Name }) => Name);
const elsewhere = (region: string) => customerOf(simulator, simulator.credentials, region).trails;
const member = () => customerOf(simulator, simulator.credentialsFor(memberId)).trails;
const create = (input: Partial<ConstructorParameters<typeof CreateTrailCommand>[0]> = {}) =>
  trails.send(new CreateTrailCommand({ Name: 'new-trail', S3BucketName: 'bucket', ...input }));

describe('trails', () => {
  it('the management account has one that logs management events in every Region', async () => {
    const { trailList } = await trails.send(new DescribeTrailsCommand({}));
    expect(trailList).toMatchObject([
      { Name: 'management-events', HomeRegion: 'us-east-1', IsMultiRegionTrail: true, IsOrganizationTrail: false },
    ]);
    const Name = trailList![0]!.TrailARN;
    expect(await trails.send(new GetTrailStatusCommand({ Name }))).toMatchObject({
      IsLogging: true,
      StartLoggingTime: expect.any(Date),
    });
    const { EventSelectors } = await trails.send(new GetEventSelectorsCommand({ TrailName: 'management-events' }));
    expect(EventSelectors).toMatchObject([{ ReadWriteType: 'All', IncludeManagementEvents: true }]);
    expect(await names(elsewhere('eu-west-1'))).toEqual(['management-events']);
    expect(await names(elsewhere('eu-west-1'), false)).toEqual([]);
    expect(await names(member())).toEqual([]);
  });

  it('are made silent, started, stopped and deleted', async () => {
    const { TrailARN: Name } = await create();
    const status = () => trails.send(new GetTrailStatusCommand({ Name }));
    expect((await status()).IsLogging).toBe(false);
    await trails.send(new StartLoggingCommand({ Name }));
    expect((await status()).IsLogging).toBe(true);
    await trails.send(new StopLoggingCommand({ Name }));
    expect(await status()).toMatchObject({ IsLogging: false, StopLoggingTime: expect.any(Date) });
    await trails.send(new DeleteTrailCommand({ Name }));
    expect((await failureOf(status())).name).toBe('TrailNotFoundException');
  });

  it('of one Region are seen there alone', async () => {
    await create();
    expect(await names(elsewhere('eu-west-1'))).toEqual(['management-events']);
    expect(await names(trails)).toEqual(['management-events', 'new-trail']);
  });

  it('of the organization are seen by its members, and touched by none of them', async () => {
    const { TrailARN: Name } = await create({ IsOrganizationTrail: true, IsMultiRegionTrail: true });
    expect(await names(member())).toEqual(['new-trail']);
    expect((await failureOf(member().send(new StopLoggingCommand({ Name })))).name).toBe('TrailNotFoundException');
    const foreign = customerOf(simulator, simulator.credentialsFor(simulator.foreignAccountId)).trails;
    expect(await names(foreign)).toEqual([]);
    const ofMember = member().send(new CreateTrailCommand({ Name: 'mine', S3BucketName: 'b', IsOrganizationTrail: true }));
    expect((await failureOf(ofMember)).name).toBe('NotOrganizationManagementAccountException');
  });

  it('have selectors of one kind or the other', async () => {
    const TrailName = 'management-events';
    const AdvancedEventSelectors = [{ Name: 'writes', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] }];
    await trails.send(new PutEventSelectorsCommand({ TrailName, AdvancedEventSelectors }));
    const shown = await trails.send(new GetEventSelectorsCommand({ TrailName }));
    expect(shown.AdvancedEventSelectors).toEqual(AdvancedEventSelectors);
    expect(shown.EventSelectors).toBeUndefined();
    for (const input of [
      {},
      { EventSelectors: [{ ReadWriteType: 'Some' as 'All' }] },
      { AdvancedEventSelectors: [{ FieldSelectors: [{ Field: 'readOnly', Equals: ['false'] }] }] },
      { AdvancedEventSelectors, EventSelectors: [{ ReadWriteType: 'All' as const }] },
    ]) {
      const put = trails.send(new PutEventSelectorsCommand({ TrailName, ...input }));
      expect((await failureOf(put)).name).toBe('InvalidEventSelectorsException');
    }
  });

  it('have names of their own', async () => {
    await create();
    expect((await failureOf(create())).name).toBe('TrailAlreadyExistsException');
    expect((await failureOf(create({ Name: '-' }))).name).toBe('InvalidTrailNameException');
  });
});
