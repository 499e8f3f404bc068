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

  it('does nothing without --yes either: it prints the plan, and only the refusal as an error', async () => {
    const { code, stdout, stderr } = await run('');
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'orgtrail: Nothing was done. Repeat with --yes to do it.\n' });
    expect(stdout).toMatch(/^1\. Create the queue orgtrail-events-undelivered [^]*\nThen Orgtrail reads that queue\.\n$/);
    expect(JSON.parse((await run('--json')).stdout)).toMatchObject({ changed: false, steps: [{}, {}, {}, {}] });
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

  it('tells Orgtrail the queue that it made, though SQS does not find it by its name yet', async () => {
    simulator.setBehaviour({ madeQueueHiddenMs: 3_600_000 });
    expect(await run('--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('from now on') });
    expect(api.changes).toEqual([{ queueUrl: expect.stringMatching(/\/orgtrail-events$/) }]);
  });

  describe('where another way made everything', () => {
    beforeEach(async () => {
      await simulator.close();
      simulator = await startSimulator({ seed: 3, accounts: 4, organizationalUnits: 1 });
    });

    it('tells Orgtrail the queue, and that only with --yes', async () => {
      const asked = await run('');
      expect(asked).toMatchObject({ code: 2, stdout: expect.stringContaining('Then Orgtrail reads that queue.') });
      expect(await run('--dry-run')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('Then Orgtrail reads that queue.'),
      });
      expect(api.changes).toEqual([]);
      expect(await run('--yes')).toMatchObject({ code: 0 });
      expect(api.changes).toEqual([{ queueUrl: simulator.queueUrl }]);
      expect(changed()).toEqual([]);
    });

    it.each(['--undo', '--undo --yes', '--undo --dry-run'])(
      'has nothing to undo, and the integration keeps its queue (%s)',
      async (options) => {
        api.integration['queueUrl'] = simulator.queueUrl;
        expect(await run(options)).toMatchObject({
          code: 0,
          stdout: expect.stringContaining('Stays: the queue orgtrail-events'),
        });
        expect({ changed: changed(), told: api.changes }).toEqual({ changed: [], told: [] });
      },
    );
  });

  it('undoes nothing without --yes', async () => {
    await run('--yes');
    simulator.resetCalls();
    expect(await run('--undo')).toMatchObject({ code: 2, stdout: expect.stringContaining('Then Orgtrail reads no queue.') });
    expect({ changed: changed(), told: api.changes.slice(1) }).toEqual({ changed: [], told: [] });
  });

  it('lets an integration that reads another queue change to this one only when told so, and says what its role then needs', async () => {
    const theirs = 'https://sqs.us-east-1.amazonaws.com/111122223333/theirs';
    api.integration['queueUrl'] = theirs;
    for (const options of ['--yes', '--dry-run', '']) {
      const { code, stderr } = await run(options);
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/reads https:.*\/theirs,.*--replace-queue/),
      });
    }
    expect({ changed: changed(), told: api.changes }).toEqual({ changed: [], told: [] });
    const { code, stdout } = await run('--replace-queue --yes');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('Bring the role up to date') });
    expect(api.integration['queueUrl']).toMatch(/\/orgtrail-events$/);
  });

  it('refuses where another integration has the rule and the queues, and takes nothing of it back', async () => {
    await run('--yes');
    simulator.resetCalls();
    const first = api.integration['id'] as string;
    Object.assign(api.integration, { id: 'a0000000-1111-4222-8333-444455556666', queueUrl: null });
    for (const options of ['--yes', '--dry-run', '']) {
      const { code, stderr } = await run(options);
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`the queue orgtrail-events: it belongs to the integration ${first}`),
      });
    }
    expect(await run('--undo --yes')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Stays: the rule orgtrail-organization-events: it belongs to the integration ${first}`),
    });
    expect({ changed: changed(), told: api.changes.slice(1) }).toEqual({ changed: [], told: [] });
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
