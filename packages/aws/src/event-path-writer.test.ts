import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DisableRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  type PutRuleCommandInput,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { connectToAws } from './connection.js';
import { eventPattern } from './event-path-names.js';
import type { EventPathPlan } from './event-path-plan.js';
import { createEventPathWriter, type EventPathWriter, type EventPathWriterOptions } from './event-path-writer.js';

const rule = 'orgtrail-organization-events';
/** Closed after each test, also after one that failed: an open server would keep the run from ending. */
let opened: { close(): void }[];
const integrationId = '0b2f0e0e-1111-4222-8333-444455556666';
let simulator: Simulator;
let writer: EventPathWriter;
let managementAccountId: string;
let customer: { events: EventBridgeClient; sqs: SQSClient };

const writerWith = (more: Partial<EventPathWriterOptions> = {}) => {
  const { endpoint, credentials } = simulator;
  const made = createEventPathWriter({ endpoint, region: 'us-east-1', credentials, ...more });
  opened.push({ close: () => made.destroy() });
  return made;
};
/** A writer that always hears the same. */
const scriptedWriter = async (answer: object) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer));
  });
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return writerWith({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
};
const connected = () => {
  const { endpoint, credentials } = simulator;
  const aws = connectToAws({ endpoint, region: 'us-east-1', credentials });
  opened.push({ close: () => aws.destroy() });
  return aws;
};
/** Undefined where there is none. */
const queueUrl = async () => (await writer.plan({ managementAccountId, integrationId })).queueUrl;
const kindsOf = ({ steps }: { steps: readonly { kind: string }[] }) => steps.map(({ kind }) => kind);
const enable = async (forwardingAccountIds: string[] = []) => {
  const plan = await writer.plan({ managementAccountId, integrationId, forwardingAccountIds });
  await writer.apply(plan);
  return plan;
};
const undo = async () => {
  const plan = await writer.planUndo({ managementAccountId, integrationId });
  await writer.apply(plan);
  return plan;
};

beforeEach(async () => {
  opened = [];
  simulator = await startSimulator({ seed: 41, accounts: 5, organizationalUnits: 2, eventPath: 'none' });
  managementAccountId = simulator.organization.managementAccount.id;
  const access = { endpoint: simulator.endpoint, region: 'us-east-1', credentials: simulator.credentials };
  customer = { events: new EventBridgeClient(access), sqs: new SQSClient(access) };
  writer = writerWith();
});
afterEach(async () => {
  for (const one of opened) one.close();
  customer.events.destroy();
  customer.sqs.destroy();
  await simulator.close();
});

describe('enabling events', () => {
  it('makes a way on which a change of the organization arrives, and has nothing to do the second time', async () => {
    expect(kindsOf(await enable())).toEqual(['create-queue', 'create-queue', 'put-rule', 'put-target']);
    const aws = connected();
    const [unit] = simulator.organization.organizationalUnits.values();
    simulator.actions.updateOrganizationalUnit({ organizationalUnitId: unit!.id, name: 'Renamed' });
    const [message] = await aws.queue((await queueUrl())!).receive({ waitSeconds: 2 });
    expect(JSON.parse(message!.body)).toMatchObject({ detail: { eventName: 'UpdateOrganizationalUnit' } });
    expect(await writer.plan({ managementAccountId, integrationId })).toMatchObject({
      steps: [],
      warnings: [],
      queueUrl: await queueUrl(),
    });
  });

  it('changes nothing while it only plans', async () => {
    await writer.plan({ managementAccountId, integrationId, forwardingAccountIds: ['444455556666'] });
    await writer.planUndo({ managementAccountId, integrationId });
    expect(Object.keys(simulator.calls).filter((name) => /Create|Put|Set|Delete|Remove|Enable/.test(name))).toEqual([]);
    expect(await queueUrl()).toBeUndefined();
  });

  it('knows the queue that it made, though SQS does not find it by its name yet', async () => {
    simulator.setBehaviour({ madeQueueHiddenMs: 60_000 });
    const made = await writer.apply(await writer.plan({ managementAccountId, integrationId }));
    expect(await queueUrl()).toBeUndefined();
    simulator.setBehaviour({ madeQueueHiddenMs: 0 });
    expect(made).toMatch(/orgtrail-events$/);
    expect(await queueUrl()).toBe(made);
    expect(await writer.apply(await writer.plan({ managementAccountId, integrationId }))).toBe(made);
  });

  it('goes on where it was interrupted', async () => {
    const plan = await writer.plan({ managementAccountId, integrationId });
    await writer.apply({ ...plan, steps: plan.steps.slice(0, 2) });
    expect(kindsOf(await enable())).toEqual(['put-rule', 'put-target']);
  });

  it('mends what somebody broke', async () => {
    await enable();
    await customer.events.send(new DisableRuleCommand({ Name: rule }));
    const QueueUrl = (await queueUrl())!;
    const theirs = {
      Sid: 'Audit',
      Effect: 'Allow',
      Principal: { AWS: managementAccountId },
      Action: 'sqs:GetQueueUrl',
      Resource: '*',
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [theirs] });
    await customer.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    expect(kindsOf(await enable())).toEqual(['set-queue-policy', 'enable-rule']);
    const { Attributes } = await customer.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }));
    expect(JSON.parse(Attributes?.Policy ?? '')).toMatchObject({
      Statement: [{ Sid: 'Audit' }, { Sid: 'OrgtrailEnableEvents' }],
    });
    const narrower: PutRuleCommandInput = { Name: rule, EventPattern: '{"source":["aws.account"]}' };
    await customer.events.send(new PutRuleCommand(narrower));
    expect(await writer.plan({ managementAccountId, integrationId })).toMatchObject({
      steps: [{ kind: 'put-rule', reason: 'narrower', replaces: { source: ['aws.account'] } }],
    });
    await enable();
    expect(kindsOf(await enable())).toEqual([]);
  });

  it.each(['sqs:TagQueue', 'events:TagResource'])('may not make what it may not tag (%s)', async (action) => {
    simulator.setBehaviour({ denied: [action] });
    await expect(enable()).rejects.toMatchObject({ kind: 'denied', message: expect.stringContaining(action) });
  });

  it('fails with what AWS says of a target that it did not take, though it answers with HTTP 200', async () => {
    const FailedEntries = [{ TargetId: 'orgtrail-events', ErrorCode: 'InvalidArn', ErrorMessage: 'The queue is elsewhere.' }];
    const scripted = await scriptedWriter({ FailedEntryCount: 1, FailedEntries });
    const { steps, ...plan } = await writer.plan({ managementAccountId, integrationId });
    const putTarget = { ...plan, steps: steps.filter(({ kind }) => kind === 'put-target') };
    await expect(scripted.apply(putTarget)).rejects.toMatchObject({
      operation: 'PutTargets',
      code: 'InvalidArn',
      message: 'PutTargets: The queue is elsewhere.',
    });
  });

  it('says whose credentials were given where they are not of the management account', async () => {
    const member = writerWith({ credentials: simulator.credentialsFor(simulator.foreignAccountId) });
    await expect(member.plan({ managementAccountId, integrationId })).rejects.toMatchObject({
      kind: 'credentials',
      message: expect.stringMatching(new RegExp(`${simulator.foreignAccountId}.*${managementAccountId}`)),
    });
  });

  it('says it where credentials and Region are of two partitions', async () => {
    const elsewhere = writerWith({ region: 'us-gov-west-1' });
    await expect(elsewhere.plan({ managementAccountId, integrationId })).rejects.toMatchObject({
      kind: 'credentials',
      message: expect.stringContaining('Set AWS_REGION to us-east-1'),
    });
  });
});

describe('two integrations on one organization', () => {
  const another = 'a0000000-1111-4222-8333-444455556666';

  it('lets the second neither use nor take back what the first has', async () => {
    await enable(['444455556666']);
    const wanted = { managementAccountId, integrationId: another, forwardingAccountIds: [] };
    const { refusals, ...plan } = await writer.plan(wanted);
    expect(refusals).toHaveLength(3);
    expect(refusals.join()).toContain(`it belongs to the integration ${integrationId}`);
    expect(await writer.apply(plan as EventPathPlan)).toBeUndefined();
    const undone = await writer.planUndo(wanted);
    expect({ steps: undone.steps, left: undone.left.length }).toEqual({ steps: [], left: 3 });
    expect(kindsOf(await enable(['444455556666']))).toEqual([]);
  });

  it('gives the names to the second once the first took its own back', async () => {
    await enable();
    await undo();
    expect(await writer.plan({ managementAccountId, integrationId: another })).toMatchObject({ refusals: [] });
  });
});

describe('the undo', () => {
  it('ends well beside another that was faster with all of it', async () => {
    await enable(['444455556666']);
    const slower = await writer.planUndo({ managementAccountId, integrationId });
    await undo();
    await writer.apply(slower);
    expect(kindsOf(slower)).toContain('delete-queue');
    expect(await queueUrl()).toBeUndefined();
  });

  it('takes a target whose rule is gone for removed, in an answer of HTTP 200 too', async () => {
    const FailedEntries = [{ TargetId: 'orgtrail-enable-events', ErrorCode: 'ResourceNotFoundException', ErrorMessage: 'Gone.' }];
    const scripted = await scriptedWriter({ FailedEntryCount: 1, FailedEntries });
    await enable();
    const plan = await writer.planUndo({ managementAccountId, integrationId });
    const steps = plan.steps.filter(({ kind }) => kind === 'remove-target');
    expect(steps).toHaveLength(1);
    await scripted.apply({ ...plan, steps });
  });

  it('leaves the way of a customer who connected by other means, also after enable-events found nothing to do', async () => {
    await simulator.close();
    simulator = await startSimulator({ seed: 41, accounts: 5, organizationalUnits: 2 });
    writer = writerWith();
    managementAccountId = simulator.organization.managementAccount.id;
    expect(kindsOf(await enable())).toEqual([]);
    expect(await undo()).toMatchObject({ steps: [], stopsEvents: false });
    expect(kindsOf(await writer.plan({ managementAccountId, integrationId }))).toEqual([]);
  });

  it('withdraws what an account may no longer do', async () => {
    await enable(['444455556666', '777788889999']);
    expect(kindsOf(await enable(['777788889999']))).toEqual(['forbid-forwarding']);
    expect(kindsOf(await enable(['777788889999']))).toEqual([]);
  });

  it('leaves nothing of what was made', async () => {
    await enable(['444455556666']);
    expect(await writer.plan({ managementAccountId, integrationId, forwardingAccountIds: ['444455556666'] })).toMatchObject({
      steps: [],
    });
    expect(await undo()).toMatchObject({ left: [] });
    expect(await writer.planUndo({ managementAccountId, integrationId })).toMatchObject({ steps: [], left: [] });
    expect(await queueUrl()).toBeUndefined();
  });

  it('leaves what others added, and says so', async () => {
    await enable();
    const theirs = { Id: 'audit', Arn: `arn:aws:sqs:us-east-1:${managementAccountId}:audit` };
    await customer.events.send(new PutTargetsCommand({ Rule: rule, Targets: [theirs] }));
    const { left } = await undo();
    expect(left).toEqual([expect.stringContaining('it has other targets (audit)')]);
    const aws = connected();
    expect(await aws.eventPath().rule(rule)).toMatchObject({ state: 'ENABLED', pattern: eventPattern });
    expect(await aws.eventPath().targets(rule)).toEqual([{ id: 'audit', arn: theirs.Arn, rewritesEvents: false }]);
  });

  it('leaves a queue that was there before, with the policy that it had', async () => {
    await customer.sqs.send(new CreateQueueCommand({ QueueName: 'orgtrail-events' }));
    expect(kindsOf(await enable())).toEqual(['create-queue', 'set-queue-policy', 'put-rule', 'put-target']);
    const { left, queueUrl: QueueUrl } = await undo();
    expect(left).toEqual([expect.stringContaining('the queue orgtrail-events: it was not made by enable-events')]);
    const { Attributes } = await customer.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: QueueUrl!, AttributeNames: ['Policy'] }),
    );
    expect(Attributes?.Policy ?? '').toBe('');
  });

  it('may be enabled again at once, waiting until SQS gives the names out again', async () => {
    simulator.setBehaviour({ deletedQueueNameMs: 60_000 });
    await enable();
    await undo();
    const waits: number[] = [];
    const patient = writerWith({
      wait: async (milliseconds) => {
        waits.push(milliseconds);
        if (waits.length === 3) simulator.setBehaviour({ deletedQueueNameMs: 0 });
      },
    });
    await patient.apply(await patient.plan({ managementAccountId, integrationId }));
    expect(await patient.plan({ managementAccountId, integrationId })).toMatchObject({ steps: [] });
    expect(waits).toEqual([5_000, 5_000, 5_000]);
  });

  it('says what is wrong where SQS never gives the name out again', async () => {
    simulator.setBehaviour({ deletedQueueNameMs: 60_000 });
    await enable();
    await undo();
    const impatient = writerWith({ wait: async () => undefined });
    await expect(impatient.apply(await impatient.plan({ managementAccountId, integrationId }))).rejects.toMatchObject({
      operation: 'CreateQueue',
      message: expect.stringContaining('60 seconds'),
    });
  });

  it('takes a queue that is being deleted for one that is gone', async () => {
    await enable();
    await customer.sqs.send(new DeleteQueueCommand({ QueueUrl: (await queueUrl())! }));
    expect(kindsOf(await writer.plan({ managementAccountId, integrationId }))).toEqual(['create-queue']);
  });
});
