import { ListRulesCommand, TagResourceCommand as TagRuleCommand } from '@aws-sdk/client-eventbridge';
import { TagResourceCommand } from '@aws-sdk/client-organizations';
import { DeleteMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { eventPath } from '../event-path.js';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, failureOf, type Customer } from '../testing/customer.js';

let simulator: Simulator;
let customer: Customer;
beforeEach(async () => {
  simulator = await startSimulator({ seed: 1, accounts: 4, organizationalUnits: 1 });
  customer = customerOf(simulator);
});
afterEach(() => simulator.close());

const tagRoot = () =>
  customer.organizations.send(
    new TagResourceCommand({ ResourceId: simulator.organization.root.id, Tags: [{ Key: 'a', Value: 'b' }] }),
  );
const tagRule = () => {
  const ResourceARN = `arn:aws:events:us-east-1:${simulator.organization.managementAccount.id}:rule/${eventPath.rule}`;
  return customer.events.send(new TagRuleCommand({ ResourceARN, Tags: [{ Key: 'a', Value: 'b' }] }));
};

it('a bare name that two services have means the one of Organizations, in behaviours and in counts', async () => {
  simulator.setBehaviour({ denied: ['TagResource'] });
  expect((await failureOf(tagRoot())).name).toBe('AccessDeniedException');
  await tagRule();
  simulator.setBehaviour({ denied: ['events:TagResource'] });
  await tagRoot();
  expect((await failureOf(tagRule())).name).toBe('AccessDeniedException');
  expect(simulator.calls).toEqual({ TagResource: 2, 'events:TagResource': 2 });
});

it('the name of an IAM action means every operation that needs it', async () => {
  simulator.setBehaviour({ denied: ['sqs:DeleteMessage'] });
  const command = new DeleteMessageBatchCommand({ QueueUrl: simulator.queueUrl, Entries: [{ Id: '1', ReceiptHandle: 'x' }] });
  expect((await failureOf(customer.sqs.send(command))).name).toBe('AccessDenied');
});

it('every service can be broken in its own words', async () => {
  simulator.setBehaviour({ failing: { 'organizations:TagResource': 'server-error', ListRules: 'throttled' } });
  expect(await failureOf(tagRoot())).toMatchObject({ name: 'ServiceException', $metadata: { httpStatusCode: 500 } });
  expect((await failureOf(customer.events.send(new ListRulesCommand({})))).name).toBe('ThrottlingException');
});
