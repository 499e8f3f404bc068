import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { connectToAws } from './connection.js';
import type { PermissionContext } from './permission-answer.js';
import type { AwsConnection } from './reads.js';
import { managementRoleActions } from './role-actions.js';

let simulator: Simulator;
let aws: AwsConnection;
let context: PermissionContext;
const actions = managementRoleActions.map(({ action }) => action);

beforeEach(async () => {
  simulator = await startSimulator({ seed: 47, accounts: 5, organizationalUnits: 2 });
  const { managementAccount, root } = simulator.organization;
  aws = connectToAws({ endpoint: simulator.endpoint, region: 'us-east-1', credentials: simulator.credentials, rateShare: 1000 });
  context = {
    managementAccountId: managementAccount.id,
    rootId: root.id,
    queueUrl: simulator.queueUrl,
    undeliveredQueueUrl: `${simulator.queueUrl}-undelivered`,
    trailArn: (await aws.eventPath().trails())[0]!.arn,
  };
});
afterEach(async () => {
  aws.destroy();
  await simulator.close();
});

describe('trying a permission', () => {
  it.each(actions)('finds %s allowed, and denied where it is', async (action) => {
    expect(await aws.tryAction(action, context)).toEqual({ outcome: 'allowed' });
    simulator.setBehaviour({ denied: [action] });
    expect(await aws.tryAction(action, context)).toMatchObject({ outcome: 'denied', error: { kind: 'denied' } });
  });

  it('calls nothing but the action, and leaves messages where they are', async () => {
    simulator.queue.send('one');
    for (const action of actions) {
      simulator.resetCalls();
      await aws.tryAction(action, context);
      const isBatch = action === 'sqs:DeleteMessage' || action === 'sqs:ChangeMessageVisibility';
      const operation = `${action.split(':')[1]}${isBatch ? 'Batch' : ''}`;
      expect(Object.keys(simulator.calls).map((name) => name.split(':').at(-1))).toEqual([operation]);
    }
    expect(await aws.eventPath().queue(simulator.queueUrl)).toMatchObject({ visible: 1, inFlight: 0 });
  });

  it('is no use of the permission to whoever keeps a record of uses', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'actions-'));
    const before = process.env['ORGTRAIL_SIMULATOR_ACTIONS'];
    process.env['ORGTRAIL_SIMULATOR_ACTIONS'] = join(folder, 'actions.jsonl');
    const recording = await startSimulator({ seed: 47, accounts: 3, organizationalUnits: 1 });
    const { endpoint, credentials } = recording;
    const probing = connectToAws({ endpoint, region: 'us-east-1', credentials, rateShare: 1000 });
    try {
      for (const action of actions) await probing.tryAction(action, { ...context, queueUrl: recording.queueUrl });
      await probing.reader('sync').listRoots();
      const lines = readFileSync(join(folder, 'actions.jsonl'), 'utf8').trim().split('\n');
      const seen = lines.map((line) => JSON.parse(line) as { action: string; agent: string });
      expect(new Set(seen.filter(({ agent }) => agent === 'orgtrail-probe').map(({ action }) => action))).toEqual(
        new Set(actions),
      );
      expect(seen.filter(({ agent }) => agent === 'orgtrail')).toMatchObject([{ action: 'organizations:ListRoots' }]);
    } finally {
      // Empty means: no record.
      process.env['ORGTRAIL_SIMULATOR_ACTIONS'] = before ?? '';
      probing.destroy();
      await recording.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('needs neither trail nor rule nor an OU to be there', async () => {
    const { trailArn: _trail, ...without } = context;
    for (const action of [
      'cloudtrail:GetTrailStatus',
      'cloudtrail:GetEventSelectors',
      'organizations:DescribeOrganizationalUnit',
    ]) {
      expect(await aws.tryAction(action, without)).toEqual({ outcome: 'allowed' });
    }
  });

  it('says what it needs to know', async () => {
    expect(await aws.tryAction('sqs:ReceiveMessage', {})).toEqual({ outcome: 'not-applicable', missing: 'queueUrl' });
    expect(await aws.tryAction('organizations:ListChildren', {})).toEqual({ outcome: 'not-applicable', missing: 'rootId' });
  });

  it('knows nothing while AWS does not answer', async () => {
    const lost = connectToAws({ endpoint: 'http://127.0.0.1:9', credentials: simulator.credentials, rateShare: 1000 });
    expect(await lost.tryAction('organizations:ListRoots', context)).toMatchObject({
      outcome: 'unknown',
      error: { kind: 'unreachable' },
    });
    lost.destroy();
  }, 60_000);

  it('tries only what the role is for', async () => {
    await expect(aws.tryAction('organizations:CloseAccount', context)).rejects.toThrow('no action of the management account');
  });

  it.each([true, false])('finds in the session of a role what that role may: %s', async (canReadOrganization) => {
    const trustedPrincipal = context.managementAccountId!;
    const roleArn = `arn:aws:iam::${trustedPrincipal}:role/OrgtrailIntegration`;
    simulator.actions.putRole({ arn: roleArn, trustedPrincipal, canReadOrganization });
    const { endpoint, credentials } = simulator;
    const role = connectToAws({ endpoint, region: 'us-east-1', credentials, roleArn, rateShare: 1000 });
    const outcome = canReadOrganization ? 'allowed' : 'denied';
    expect(await role.tryAction('organizations:ListAccounts', context)).toMatchObject({ outcome });
    role.destroy();
  });
});
