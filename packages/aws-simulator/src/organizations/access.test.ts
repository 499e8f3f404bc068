import {
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListRootsCommand,
  OrganizationsClient,
  TagResourceCommand,
} from '@aws-sdk/client-organizations';
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultBehaviours } from '../behaviours.js';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, eventsOnQueue, failureOf } from '../testing/customer.js';

let simulator: Simulator;
let memberId: string;
let administratorId: string;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 3, accounts: 12, organizationalUnits: 4 });
  const { organization } = simulator;
  administratorId = [...organization.delegations.values()][0]!.accountId;
  memberId = [...organization.accounts.keys()].find(
    (id) => id !== organization.managementAccount.id && !organization.isDelegatedAdministrator(id),
  )!;
});
afterEach(() => {
  simulator.setBehaviour(defaultBehaviours);
  simulator.queue.purge();
});
afterAll(() => simulator.close());

const callerIn = (accountId: string) => customerOf(simulator, simulator.credentialsFor(accountId));

describe('who may call', () => {
  it('an ordinary member learns its organization and nothing else', async () => {
    const { organizations } = callerIn(memberId);
    const { Organization } = await organizations.send(new DescribeOrganizationCommand({}));
    expect(Organization?.Id).toBe(simulator.organization.identity.id);
    expect(await failureOf(organizations.send(new ListAccountsCommand({})))).toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('a delegated administrator may read but not write, unless a delegation policy lets it tag', async () => {
    const { organizations } = callerIn(administratorId);
    const { Accounts } = await organizations.send(new ListAccountsCommand({}));
    expect(Accounts).toHaveLength(12);
    const tag = () =>
      organizations.send(new TagResourceCommand({ ResourceId: memberId, Tags: [{ Key: 'by', Value: 'administrator' }] }));
    expect((await failureOf(tag())).name).toBe('AccessDeniedException');
    simulator.setBehaviour({ delegatedAdministratorsMayTag: true });
    await tag();
    expect(simulator.organization.tagsOf(memberId)?.get('by')).toBe('administrator');
    // It is logged in the administrator's account, so the management account's rule never sees it.
    expect(eventsOnQueue(simulator)).toEqual([]);
    simulator.setBehaviour({ forwardFrom: [administratorId] });
    await tag();
    expect(eventsOnQueue(simulator)[0]).toMatchObject({
      account: administratorId,
      detail: { recipientAccountId: administratorId },
    });
  });

  it('an account outside hears that it is in no organization', async () => {
    const { organizations, tagging, sqs, sts } = callerIn(simulator.foreignAccountId);
    const describe = organizations.send(new DescribeOrganizationCommand({}));
    expect((await failureOf(describe)).name).toBe('AWSOrganizationsNotInUseException');
    expect((await failureOf(organizations.send(new ListRootsCommand({})))).name).toBe('AWSOrganizationsNotInUseException');
    expect((await tagging.send(new GetResourcesCommand({}))).ResourceTagMappingList).toEqual([]);
    const QueueUrl = simulator.queueUrl;
    expect((await failureOf(sqs.send(new GetQueueAttributesCommand({ QueueUrl })))).name).toBe('AccessDenied');
    const byName = new GetQueueUrlCommand({ QueueName: simulator.queueName });
    expect((await failureOf(sqs.send(byName))).name).toBe('QueueDoesNotExist');
    expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe(simulator.foreignAccountId);
  });

  it('an unknown key is refused by each service in its own words', async () => {
    const { organizations, tagging, sqs, sts } = customerOf(simulator, {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'x',
    });
    expect(await failureOf(organizations.send(new ListRootsCommand({})))).toMatchObject({
      name: 'UnrecognizedClientException',
      $metadata: { httpStatusCode: 400 },
    });
    expect((await failureOf(tagging.send(new GetResourcesCommand({})))).name).toBe('UnrecognizedClientException');
    const url = new GetQueueUrlCommand({ QueueName: simulator.queueName });
    expect(await failureOf(sqs.send(url))).toMatchObject({ name: 'InvalidClientTokenId', $metadata: { httpStatusCode: 403 } });
    expect(await failureOf(sts.send(new GetCallerIdentityCommand({})))).toMatchObject({
      name: 'InvalidClientTokenId',
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('a call without a signature is refused', async () => {
    const client = new OrganizationsClient({
      endpoint: simulator.endpoint,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: simulator.credentials,
      signer: { sign: async (request) => request },
    });
    expect((await failureOf(client.send(new ListRootsCommand({})))).name).toBe('MissingAuthenticationTokenException');
  });

  it('anything that is not an AWS call gets 404', async () => {
    expect((await fetch(simulator.endpoint)).status).toBe(404);
    expect(
      (await fetch(simulator.endpoint, { method: 'POST', headers: { 'x-amz-target': 'Other.Operation' }, body: '{}' })).status,
    ).toBe(404);
  });
});
