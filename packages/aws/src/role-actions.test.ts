import {
  DescribeOrganizationCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DeleteMessageBatchCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from '@jest/globals';
import { declare, mergeActions } from './declared-actions.js';
import { onlyDeclared } from './declared-calls.js';
import { eventPathOperatorActions, managementRoleActions, memberRoleActions } from './role-actions.js';

const nowhere = {
  endpoint: 'http://127.0.0.1:9',
  region: 'us-east-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  maxAttempts: 1,
};
const names = (actions: readonly { action: string }[]) => actions.map(({ action }) => action);
const writes = /:(?!(Describe|List|Get|Receive)\w*$|DeleteMessage$|ChangeMessageVisibility$)/;

describe('the actions of the roles', () => {
  it('are reads, and the taking of messages from the queue', () => {
    expect(names(managementRoleActions).filter((action) => writes.test(action))).toEqual([]);
    expect(names(memberRoleActions)).toEqual(['organizations:DescribeOrganization']);
  });

  it('stand once each, in order, on all that any file named', () => {
    expect(mergeActions(declare('sqs', ['B', 'A'], 'queue'), declare('sqs', ['B'], 'queue', 'undelivered-queue'))).toEqual([
      { action: 'sqs:A', resources: ['queue'] },
      { action: 'sqs:B', resources: ['queue', 'undelivered-queue'] },
    ]);
    for (const actions of [managementRoleActions, eventPathOperatorActions]) {
      expect(names(actions)).toEqual([...new Set(names(actions))].sort((left, right) => left.localeCompare(right)));
    }
  });

  it('let nobody take messages from the queue of what could not be delivered', () => {
    const onUndelivered = managementRoleActions.filter(({ resources }) => resources.includes('undelivered-queue'));
    expect(names(onUndelivered)).toEqual(['sqs:GetQueueAttributes']);
  });
});

describe('a client for declared actions', () => {
  const refusal = /is called, but declared by no reader or writer/;
  it('refuses another operation before anything is sent', async () => {
    const organizations = onlyDeclared(new OrganizationsClient(nowhere), 'organizations', memberRoleActions);
    await expect(organizations.send(new ListRootsCommand({}))).rejects.toThrow(refusal);
    await expect(
      organizations.send(new MoveAccountCommand({ AccountId: '1', SourceParentId: 'r', DestinationParentId: 'r' })),
    ).rejects.toThrow('organizations:MoveAccount');
    await expect(organizations.send(new DescribeOrganizationCommand({}))).rejects.toThrow('ECONNREFUSED');
  });

  it("knows a batch by the action that IAM asks for, and asks nothing for the caller's own name", async () => {
    const sqs = onlyDeclared(new SQSClient(nowhere), 'sqs', managementRoleActions);
    const batch = new DeleteMessageBatchCommand({ QueueUrl: nowhere.endpoint, Entries: [{ Id: '1', ReceiptHandle: 'x' }] });
    await expect(sqs.send(batch)).rejects.toThrow('ECONNREFUSED');
    await expect(sqs.send(new PurgeQueueCommand({ QueueUrl: nowhere.endpoint }))).rejects.toThrow(refusal);
    const sts = onlyDeclared(new STSClient(nowhere), 'sts', []);
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toThrow('ECONNREFUSED');
  });
});
