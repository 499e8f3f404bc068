import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startSimulator, type AccessKeyPair, type Simulator } from '@orgtrail/aws-simulator';
import { orgtrail, type Ended } from '../testing/command.fixture.js';
import { startOneIntegrationApi, type OneIntegrationApi } from '../testing/one-integration-api.fixture.js';

jest.setTimeout(120_000);

describe('orgtrail integration enable-events', () => {
  let simulator: Simulator;
  let api: OneIntegrationApi;
  beforeEach(async () => {
    simulator = await startSimulator({ seed: 3, accounts: 4, organizationalUnits: 1, eventPath: 'none' });
    const { managementAccountId } = simulator.organization.identity;
    api = await startOneIntegrationApi({ roleArn: `arn:aws:iam::${managementAccountId}:role/orgtrail` });
  });
  afterEach(async () => {
    await api.close();
    await simulator.close();
  });

  const run = (options: string, credentials: AccessKeyPair = simulator.credentials): Promise<Ended> =>
    orgtrail(['integration', 'enable-events', '--url', api.url, ...options.split(' ').filter((one) => one !== '')], {
      AWS_ENDPOINT_URL: simulator.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
  const changed = () => Object.keys(simulator.calls).filter((operation) => /^(Create|Put|Set|Delete|Remove)/.test(operation));

  it('shows in a dry run what it would do, as commands, and does nothing', async () => {
    const { code, stdout } = await run('--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/aws sqs create-queue --queue-name orgtrail-events /);
    expect(stdout).toMatch(/aws events put-rule --name orgtrail-organization-events /);
    expect({ changed: changed(), told: api.changes }).toEqual({ changed: [], told: [] });
  });

  it('does nothing without --yes either', async () => {
    const { code, stderr } = await run('');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('Repeat with --yes') });
    expect({ changed: changed(), told: api.changes }).toEqual({ changed: [], told: [] });
  });

  it('makes the way, tells Orgtrail the queue, finds nothing to do again, and takes all of it back', async () => {
    expect(await run('--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('from now on') });
    expect(api.changes).toEqual([{ queueUrl: expect.stringMatching(/\/orgtrail-events$/) }]);
    const [member] = [...simulator.organization.accounts.values()].filter(
      ({ id }) => id !== simulator.organization.identity.managementAccountId,
    );
    simulator.actions.tagResource({ resourceId: member?.id ?? '', tags: { a: 'b' } });
    await simulator.settled();
    expect(simulator.queue.bodies().join()).toContain('TagResource');

    const json = await run('--yes --json');
    expect(JSON.parse(json.stdout)).toMatchObject({ changed: false, steps: [], queueUrl: api.integration['queueUrl'] });
    expect(api.changes).toHaveLength(1);

    expect(await run('--undo --yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('Undone.') });
    expect(api.integration['queueUrl']).toBeNull();
    expect(await run('--undo --yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing was left to do.') });
  });

  it('leaves another queue of the integration alone when it takes its own back', async () => {
    await run('--yes');
    api.integration['queueUrl'] = 'https://sqs.us-east-1.amazonaws.com/111122223333/theirs';
    await run('--undo --yes');
    expect(api.integration['queueUrl']).toBe('https://sqs.us-east-1.amazonaws.com/111122223333/theirs');
  });

  it('says whose credentials these are when they are of another account', async () => {
    const { foreignAccountId, organization } = simulator;
    const { code, stderr } = await run('--yes', simulator.credentialsFor(foreignAccountId));
    expect(code).not.toBe(0);
    expect(stderr).toContain(foreignAccountId);
    expect(stderr).toContain(organization.identity.managementAccountId);
    expect({ changed: changed(), told: api.changes }).toEqual({ changed: [], told: [] });
  });

  it('asks for the role of an integration whose management account nobody knows', async () => {
    api.integration['roleArn'] = null;
    expect(await run('--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('--role-arn') });
  });
});
