import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  DeleteApiDestinationCommand,
  DescribeApiDestinationCommand,
  DescribeConnectionCommand,
  ListApiDestinationsCommand,
  ListConnectionsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  UpdateConnectionCommand,
  type RetryPolicy,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, failureOf, type Customer, type Envelope } from '../testing/customer.js';

interface Received {
  headers: IncomingHttpHeaders;
  event: Envelope;
}

/** Statuses of the next answers; then 202. */
let answers: { status: number; retryAfter?: string }[];
let received: Received[];
let endpoint: Server;
let url: string;
let simulator: Simulator;
let events: Customer['events'];

beforeEach(async () => {
  answers = [];
  received = [];
  endpoint = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      received.push({ headers: request.headers, event: JSON.parse(body) as Envelope });
      const { status, retryAfter } = answers.shift() ?? { status: 202 };
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('ignored');
    });
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/v1/events/x`;
  simulator = await startSimulator({ seed: 61, accounts: 5, organizationalUnits: 2 });
  ({ events } = customerOf(simulator));
});
afterEach(async () => {
  await simulator.close();
  endpoint.closeAllConnections();
  await new Promise((resolve) => endpoint.close(resolve));
});

const connectionOf = (value: string) => ({
  Name: 'orgtrail',
  AuthorizationType: 'API_KEY' as const,
  AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Secret', ApiKeyValue: value } },
});

/** A rule that posts everything of Organizations, as docs/webhook.md sets it up. */
async function connect(target: Partial<Target> = {}, rate = 300): Promise<string> {
  const { ConnectionArn } = await events.send(new CreateConnectionCommand(connectionOf('first')));
  const { ApiDestinationArn } = await events.send(
    new CreateApiDestinationCommand({
      Name: 'orgtrail',
      ConnectionArn,
      InvocationEndpoint: url,
      HttpMethod: 'POST',
      InvocationRateLimitPerSecond: rate,
    }),
  );
  await events.send(new PutRuleCommand({ Name: 'webhook', EventPattern: '{"source":["aws.organizations"]}' }));
  const RoleArn = `arn:aws:iam::${simulator.organization.managementAccount.id}:role/webhook`;
  await events.send(
    new PutTargetsCommand({ Rule: 'webhook', Targets: [{ Id: 'webhook', Arn: ApiDestinationArn, RoleArn, ...target }] }),
  );
  return ApiDestinationArn!;
}

const tag = (value: string) =>
  simulator.actions.tagResource({ resourceId: simulator.organization.root.id, tags: { time: value } });
const until = async (condition: () => boolean) => {
  while (!condition()) await delay(2);
};

describe('an API destination', () => {
  it('gets each event with the key in its header, and the new key from its change on', async () => {
    await connect();
    tag('1');
    await simulator.settled();
    await events.send(new UpdateConnectionCommand(connectionOf('second')));
    tag('2');
    await simulator.settled();
    expect(received.map(({ headers }) => headers['x-secret'])).toEqual(['first', 'second']);
    expect(received[0]!.headers).toMatchObject({
      'user-agent': 'Amazon/EventBridge/ApiDestinations',
      'content-type': 'application/json; charset=utf-8',
      connection: 'close',
    });
    expect(received[0]!.event).toMatchObject({ source: 'aws.organizations', detail: { eventName: 'TagResource' } });
  });

  it('that cannot take it now is tried again later, after the time that it names', async () => {
    await connect();
    answers = [{ status: 503, retryAfter: '7' }, { status: 401 }];
    tag('1');
    await until(() => received.length === 1);
    await delay(20);
    simulator.advance(6900);
    await delay(20);
    expect(received).toHaveLength(1);
    simulator.advance(200);
    await until(() => received.length === 2);
    await delay(20);
    simulator.advance(60_000);
    await simulator.settled();
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ event }) => event.detail.eventID)).size).toBe(1);
  });

  interface GivenUp {
    given: { status: number; retryAfter?: string }[];
    RetryPolicy: RetryPolicy;
  }
  it.each<[string, GivenUp]>([
    ['refuses it for good', { given: [{ status: 422 }], RetryPolicy: { MaximumRetryAttempts: 5 } }],
    ['asks to be left alone', { given: [{ status: 503, retryAfter: '-1' }], RetryPolicy: { MaximumRetryAttempts: 5 } }],
    ['never takes it', { given: Array(3).fill({ status: 500 }) as GivenUp['given'], RetryPolicy: { MaximumRetryAttempts: 2 } }],
    [
      'does not take it in time',
      { given: [{ status: 500 }, { status: 429, retryAfter: '90' }], RetryPolicy: { MaximumEventAgeInSeconds: 60 } },
    ],
  ])('that %s leaves it to the dead-letter queue', async (_what, { given, RetryPolicy }) => {
    const { id } = simulator.organization.managementAccount;
    const { sqs } = customerOf(simulator);
    const QueueUrl = `${simulator.endpoint}/${id}/orgtrail-events-undelivered`;
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' } });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    const DeadLetterConfig = { Arn: `arn:aws:sqs:us-east-1:${id}:orgtrail-events-undelivered` };
    const arn = await connect({ RetryPolicy, DeadLetterConfig });
    answers = [...given];
    tag('1');
    for (let attempt = 1; attempt < given.length; attempt += 1) {
      await until(() => received.length === attempt);
      await delay(20);
      simulator.advance(4000);
    }
    await simulator.settled();
    expect(received).toHaveLength(given.length);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }));
    const attributes = Messages![0]!.MessageAttributes!;
    expect(attributes['TARGET_ARN']!.StringValue).toBe(arn);
    expect(attributes['ERROR_CODE']!.StringValue).toBe('ERROR_FROM_TARGET');
    expect(attributes['RETRY_ATTEMPTS']!.StringValue).toBe(String(given.length - 1));
  });

  it('gets no more than its rate a second, and the rest later', async () => {
    await connect({}, 10);
    for (let time = 0; time < 5; time += 1) tag(String(time));
    await until(() => received.length === 1);
    await delay(20);
    expect(received).toHaveLength(1);
    simulator.advance(1000);
    await simulator.settled();
    expect(received).toHaveLength(5);
  });

  it('is set up by one action too, for whoever tests with the simulator', async () => {
    simulator.actions.postEventsTo({ endpoint: url, header: 'X-Other', secret: 'theirs' });
    tag('1');
    await simulator.settled();
    expect(received.map(({ headers }) => headers['x-other'])).toEqual(['theirs']);
  });

  it('is described without its key, and its target needs a role', async () => {
    const arn = await connect();
    const described = await events.send(new DescribeConnectionCommand({ Name: 'orgtrail' }));
    expect(described.AuthParameters).toEqual({ ApiKeyAuthParameters: { ApiKeyName: 'X-Secret' } });
    expect(JSON.stringify(described)).not.toContain('first');
    expect(await events.send(new DescribeApiDestinationCommand({ Name: 'orgtrail' }))).toMatchObject({
      ApiDestinationArn: arn,
      InvocationEndpoint: url,
      ConnectionArn: described.ConnectionArn,
    });
    expect((await events.send(new ListApiDestinationsCommand({}))).ApiDestinations).toHaveLength(1);
    expect((await events.send(new ListConnectionsCommand({ NamePrefix: 'other' }))).Connections).toEqual([]);
    const withoutRole = new PutTargetsCommand({ Rule: 'webhook', Targets: [{ Id: 'other', Arn: arn }] });
    expect(await failureOf(events.send(withoutRole))).toMatchObject({ name: 'ValidationException' });
    const insecure = new CreateApiDestinationCommand({
      Name: 'other',
      ConnectionArn: described.ConnectionArn,
      InvocationEndpoint: 'http://events.example.com/',
      HttpMethod: 'POST',
    });
    expect(await failureOf(events.send(insecure))).toMatchObject({ name: 'ValidationException' });
    expect(await failureOf(events.send(new CreateConnectionCommand(connectionOf('again'))))).toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
    await events.send(new DeleteApiDestinationCommand({ Name: 'orgtrail' }));
    tag('1');
    await simulator.settled();
    expect(received).toEqual([]);
  });
});
