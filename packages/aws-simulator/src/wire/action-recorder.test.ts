import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListRulesCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ListRootsCommand, OrganizationsClient, TagResourceCommand } from '@aws-sdk/client-organizations';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { DeleteMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { failureOf } from '../testing/customer.js';
import type { RecordedAction } from './action-recorder.js';

let folder: string;
let simulator: Simulator;
const before = process.env['ORGTRAIL_SIMULATOR_ACTIONS'];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'actions-'));
  process.env['ORGTRAIL_SIMULATOR_ACTIONS'] = join(folder, 'actions.jsonl');
  simulator = await startSimulator({ seed: 1, accounts: 4, organizationalUnits: 1 });
});
afterEach(async () => {
  // Empty means: no record.
  process.env['ORGTRAIL_SIMULATOR_ACTIONS'] = before ?? '';
  await simulator.close();
  rmSync(folder, { recursive: true });
});

const recorded = (): RecordedAction[] =>
  readFileSync(join(folder, 'actions.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedAction);

it('each action that Orgtrail asked for is written down once, by its name in IAM, with who asked and what came of it', async () => {
  const { endpoint, region, credentials } = simulator;
  const settings = {
    endpoint,
    region,
    credentials,
    maxAttempts: 1,
    customUserAgent: [['orgtrail', '0.1.0']] as [string, string][],
  };
  const operator = {
    ...settings,
    customUserAgent: [...settings.customUserAgent, ['orgtrail-operator', '0.1.0']] as [string, string][],
  };
  const probe = {
    ...settings,
    customUserAgent: [...settings.customUserAgent, ['orgtrail-probe', '0.1.0']] as [string, string][],
  };
  const roots = new ListRootsCommand({});
  for (let time = 0; time < 3; time += 1) await new OrganizationsClient(settings).send(roots);
  await new OrganizationsClient(probe).send(roots);
  await new EventBridgeClient(operator).send(new ListRulesCommand({}));
  await new ResourceGroupsTaggingAPIClient(settings).send(new GetResourcesCommand({}));
  const Entries = [{ Id: '1', ReceiptHandle: 'none' }];
  await new SQSClient(settings).send(new DeleteMessageBatchCommand({ QueueUrl: simulator.queueUrl, Entries }));
  // Not Orgtrail's.
  await new OrganizationsClient({ endpoint, region, credentials, customUserAgent: 'other/1.0' }).send(roots);

  const RoleArn = `arn:aws:iam::${simulator.organization.managementAccount.id}:role/reader`;
  simulator.actions.putRole({ arn: RoleArn, trustedPrincipal: '*' });
  const assume = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'orgtrail-read' });
  const { Credentials } = await new STSClient(settings).send(assume);
  const session = {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
  const tag = new TagResourceCommand({ ResourceId: simulator.organization.root.id, Tags: [{ Key: 'a', Value: 'b' }] });
  await failureOf(new OrganizationsClient({ ...settings, credentials: session }).send(tag));

  const orgtrail = { agent: 'orgtrail', session: null, outcome: 'allowed' };
  expect(recorded()).toEqual([
    { ...orgtrail, action: 'organizations:ListRoots' },
    { ...orgtrail, action: 'organizations:ListRoots', agent: 'orgtrail-probe' },
    { ...orgtrail, action: 'events:ListRules', agent: 'orgtrail-operator' },
    { ...orgtrail, action: 'tag:GetResources' },
    { ...orgtrail, action: 'sqs:DeleteMessage' },
    { ...orgtrail, action: 'sts:AssumeRole' },
    { ...orgtrail, action: 'organizations:TagResource', session: 'orgtrail-read', outcome: 'denied' },
  ]);
});
