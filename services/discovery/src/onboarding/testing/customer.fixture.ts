import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, jest } from '@jest/globals';
import { connectToAws, createRoleVerifier, managementRoleActions, type RoleAnswer } from '@orgtrail/aws';
import { startSimulator, type AccessKeyPair, type Simulator } from '@orgtrail/aws-simulator';
import { roleArn } from '../policies.js';
import type { OnboardingValues } from '../values.js';
import { onboardingWays } from '../ways.js';
import { deskWith, valuesFor, type Desk } from './onboarding.fixture.js';

/** Absent where no AWS CLI is there for tests. */
export const awsCli = process.env['ORGTRAIL_TEST_AWS_CLI'];
/** Every character that an external id may have beside letters. */
export const externalId = 'orgtrail-7f3a=+,.@:/_x';

/** A customer's organization in the simulated AWS, anew for each test, and its administrator at a desk. To be called in a `describe`. */
export function customer() {
  // Each command of the AWS CLI takes about half a second, and more beside other tests.
  jest.setTimeout(300_000);
  let simulator: Simulator;
  let desk: Desk;
  beforeEach(async () => {
    simulator = await startSimulator({ seed: 7, accounts: 8, organizationalUnits: 3, eventPath: 'none' });
  });
  afterEach(async () => {
    desk.remove();
    await simulator.close();
  });

  const accountIdOfManagement = () => simulator.organization.identity.managementAccountId;
  const queueUrl = () => `${simulator.endpoint}/${accountIdOfManagement()}/orgtrail-events`;
  const values = (changed: Partial<OnboardingValues> = {}): OnboardingValues =>
    valuesFor('aws', {
      managementAccountId: accountIdOfManagement(),
      trustedPrincipal: `arn:aws:iam::${simulator.foreignAccountId}:user/orgtrail`,
      externalId,
      rolePath: '/security/',
      ...changed,
    });

  /** The way's files, and `aws` and `orgtrail` on the path. */
  const sitDown = (way: keyof typeof onboardingWays, given: OnboardingValues): string => {
    const { text, files } = onboardingWays[way](given);
    desk = deskWith(files);
    const bin = join(desk.folder, 'bin');
    mkdirSync(bin);
    for (const [name, command] of Object.entries({ aws: `exec '${awsCli ?? ''}' "$@"`, orgtrail: 'echo "orgtrail $*"' })) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${command}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    return text;
  };
  const run = (command: string, credentials: AccessKeyPair & { sessionToken?: string } = simulator.credentials) =>
    new Promise<{ code: number | null; said: string }>((resolve) => {
      const child = spawn('bash', ['-c', command], {
        cwd: desk.folder,
        env: {
          PATH: `${join(desk.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
          HOME: desk.folder,
          AWS_ENDPOINT_URL: simulator.endpoint,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          ...(credentials.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
          AWS_DEFAULT_REGION: 'us-east-1',
          AWS_EC2_METADATA_DISABLED: 'true',
        },
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
      child.once('close', (code) => resolve({ code, said }));
    });

  const mustRun = async (command: string): Promise<string> => {
    const { code, said } = await run(command);
    expect({ command, code, said }).toEqual({ command, code: 0, said });
    return said;
  };

  const ask = async (accountId: string, as: AccessKeyPair, given = values()): Promise<RoleAnswer> => {
    const verifier = createRoleVerifier({ endpoint: simulator.endpoint, credentials: as, membersPerSecond: 1000 });
    try {
      return await verifier.verify({
        roleArn: roleArn({ ...given, accountId }),
        externalId: given.externalId,
        accountId,
        organizationId: simulator.organization.organizationId,
        negative: true,
      });
    } finally {
      verifier.destroy();
    }
  };
  const orgtrail = () => simulator.credentialsFor(simulator.foreignAccountId);
  const members = () =>
    [...simulator.organization.accounts.values()].filter(({ id, state }) => id !== accountIdOfManagement() && state === 'ACTIVE');

  /** Our principal with the external id; nobody else, and never without it or with another (`negative`). */
  const expectOnlyUs = async (accountId: string): Promise<void> => {
    expect(await ask(accountId, orgtrail())).toEqual({
      outcome: 'verified',
      usedPreviousExternalId: false,
      negativeChecked: true,
    });
    const stranger = members().find(({ id }) => id !== accountId)?.id ?? '';
    expect(await ask(accountId, simulator.credentialsFor(stranger))).toMatchObject({ cause: 'ROLE_NOT_ASSUMABLE' });
  };

  const expectEverythingNeeded = async (): Promise<void> => {
    const role = roleArn({ ...values(), accountId: accountIdOfManagement() });
    const connection = connectToAws({
      endpoint: simulator.endpoint,
      credentials: orgtrail(),
      roleArn: role,
      externalId,
      rateShare: 1000,
    });
    try {
      const context = {
        managementAccountId: accountIdOfManagement(),
        rootId: simulator.organization.root.id,
        queueUrl: queueUrl(),
        undeliveredQueueUrl: `${queueUrl()}-undelivered`,
      };
      for (const { action } of managementRoleActions) {
        expect({ action, ...(await connection.tryAction(action, context)) }).toMatchObject({ action, outcome: 'allowed' });
      }
    } finally {
      connection.destroy();
    }
  };

  const receive = () => `aws sqs receive-message --queue-url ${queueUrl()} --max-number-of-messages 10`;
  const expectEventsToArrive = async (): Promise<void> => {
    const [member] = members();
    simulator.actions.tagResource({ resourceId: member?.id ?? '', tags: { a: 'b' } });
    await simulator.settled();
    expect(await mustRun(receive())).toContain('TagResource');
  };

  return {
    simulator: () => simulator,
    desk: () => desk,
    accountIdOfManagement,
    queueUrl,
    values,
    sitDown,
    run,
    mustRun,
    ask,
    orgtrail,
    members,
    expectOnlyUs,
    expectEverythingNeeded,
    receive,
    expectEventsToArrive,
  };
}
