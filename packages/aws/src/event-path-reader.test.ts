import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudTrailClient, CreateTrailCommand, PutEventSelectorsCommand, StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { connectToAws } from './connection.js';
import { eventPattern } from './event-path-names.js';
import { queuePolicyAllows } from './queue-policy.js';
import type { AwsConnection } from './reads.js';

const ruleName = 'orgtrail-organization-events';
let simulator: Simulator;
let aws: AwsConnection;
let accountId: string;
let access: { endpoint: string; region: string; credentials: Simulator['credentials'] };

beforeEach(async () => {
  simulator = await startSimulator({ seed: 43, accounts: 5, organizationalUnits: 2 });
  accountId = simulator.organization.managementAccount.id;
  access = { endpoint: simulator.endpoint, region: 'us-east-1', credentials: simulator.credentials };
  aws = connectToAws({ ...access, rateShare: 1000 });
});
afterEach(async () => {
  aws.destroy();
  await simulator.close();
});

describe('reading the way that events take', () => {
  it('finds the rule with its pattern, and nothing under another name', async () => {
    expect(await aws.eventPath().rule(ruleName)).toEqual({
      arn: `arn:aws:events:us-east-1:${accountId}:rule/${ruleName}`,
      state: 'ENABLED',
      pattern: eventPattern,
    });
    expect(await aws.eventPath().rule('another')).toBeUndefined();
  });

  it('looks in the Region of Organizations, wherever the connection is', async () => {
    const elsewhere = connectToAws({ ...access, region: 'eu-central-1', rateShare: 1000 });
    expect(await elsewhere.eventPath().rule(ruleName)).toMatchObject({ state: 'ENABLED' });
    elsewhere.destroy();
  });

  it('finds the targets, with the queue for what can not be delivered', async () => {
    expect(await aws.eventPath().targets(ruleName)).toEqual([
      {
        id: 'orgtrail-events',
        arn: `arn:aws:sqs:us-east-1:${accountId}:orgtrail-events`,
        undeliveredArn: `arn:aws:sqs:us-east-1:${accountId}:orgtrail-events-undelivered`,
        rewritesEvents: false,
      },
    ]);
    await expect(aws.eventPath().targets('another')).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('goes on to the last page of the targets, and sees which of them rewrite events', async () => {
    const pages = [
      { Targets: [{ Id: 'one', Arn: 'arn:1', InputPath: '$.detail' }], NextToken: 'more' },
      {
        Targets: [
          { Id: 'two', Arn: 'arn:2', InputTransformer: { InputTemplate: '{}' } },
          { Id: 'three', Arn: 'arn:3' },
        ],
      },
    ];
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(pages.shift()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const scripted = connectToAws({ ...access, endpoint, rateShare: 1000 });
    expect((await scripted.eventPath().targets(ruleName)).map(({ id, rewritesEvents }) => [id, rewritesEvents])).toEqual([
      ['one', true],
      ['two', true],
      ['three', false],
    ]);
    scripted.destroy();
    server.closeAllConnections();
    server.close();
  });

  it('reads a queue with its policy, which lets the rule send', async () => {
    simulator.queue.send('one');
    const queue = await aws.eventPath().queue(simulator.queueUrl);
    expect(queue).toMatchObject({ visible: 1, inFlight: 0, delayed: 0, retentionSeconds: 1_209_600 });
    const ruleArn = (await aws.eventPath().rule(ruleName))!.arn;
    expect(queuePolicyAllows(queue.policy, { ruleArn, queueArn: queue.arn, accountId })).toBe('allowed');
    await expect(aws.eventPath().queue(`${simulator.queueUrl}-not`)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('finds the trails that see the Region, and what each logs', async () => {
    expect(await aws.eventPath().trails()).toEqual([
      {
        arn: expect.stringMatching(/^arn:aws:cloudtrail:us-east-1:/),
        name: 'management-events',
        multiRegion: true,
        organizationTrail: false,
        homeRegion: 'us-east-1',
        logging: true,
        logsWriteManagementEvents: true,
      },
    ]);
    const ireland = new CloudTrailClient({ ...access, region: 'eu-west-1' });
    const trail = { Name: 'ireland', S3BucketName: 'ireland', IsMultiRegionTrail: true };
    await ireland.send(new CreateTrailCommand(trail));
    await ireland.send(
      new PutEventSelectorsCommand({
        TrailName: 'ireland',
        EventSelectors: [{ ReadWriteType: 'ReadOnly', IncludeManagementEvents: true }],
      }),
    );
    await ireland.send(new CreateTrailCommand({ ...trail, Name: 'only-there', IsMultiRegionTrail: false }));
    ireland.destroy();
    const home = new CloudTrailClient(access);
    await home.send(new StopLoggingCommand({ Name: 'management-events' }));
    home.destroy();
    const trails = await aws.eventPath().trails();
    expect(
      trails.map(({ name, homeRegion, logging, logsWriteManagementEvents }) => [
        name,
        homeRegion,
        logging,
        logsWriteManagementEvents,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['management-events', 'us-east-1', false, true],
        ['ireland', 'eu-west-1', false, false],
      ]),
    );
    expect(trails).toHaveLength(2);
  });

  it('asks about a trail in the Region where it was made', async () => {
    const asked: string[] = [];
    const TrailARN = 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/ireland';
    const server = createServer(({ headers }, response) => {
      const operation = String(headers['x-amz-target']).split('.').at(-1);
      asked.push(`${operation} ${/Credential=[^/]+\/\d+\/([a-z0-9-]+)\//.exec(headers.authorization ?? '')?.[1]}`);
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ trailList: [{ Name: 'ireland', TrailARN, HomeRegion: 'eu-west-1' }], IsLogging: true }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const scripted = connectToAws({ ...access, endpoint, rateShare: 1000 });
    const trails = await scripted.eventPath().trails();
    scripted.destroy();
    server.closeAllConnections();
    server.close();
    expect(trails).toMatchObject([{ name: 'ireland', logging: true }]);
    expect(asked).toEqual(['DescribeTrails us-east-1', 'GetTrailStatus eu-west-1', 'GetEventSelectors eu-west-1']);
  });
});
