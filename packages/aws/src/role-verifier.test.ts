import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { connectToAws, type AwsConnectionOptions } from './connection.js';
import type { AwsError } from './errors.js';
import type { RoleQuestion } from './role-answer.js';
import { createRoleVerifier, type RoleVerifier, type RoleVerifierOptions } from './role-verifier.js';

const externalId = 'tenant/42:abc';
let simulator: Simulator;
let verifier: RoleVerifier;
let accountId: string;
let roleArn: string;
let trustedPrincipal: string;
/** Milliseconds. */
let awsIsAhead: number;

const verifierWith = (more: Partial<RoleVerifierOptions> = {}) =>
  createRoleVerifier({
    endpoint: simulator.endpoint,
    region: 'us-east-1',
    credentials: simulator.credentialsFor(simulator.foreignAccountId),
    membersPerSecond: 1000,
    ...more,
  });
const question = (more: Partial<RoleQuestion> = {}): RoleQuestion => ({
  roleArn,
  externalId,
  accountId,
  organizationId: simulator.organization.organizationId,
  negative: true,
  ...more,
});

beforeEach(async () => {
  awsIsAhead = 0;
  simulator = await startSimulator({ seed: 31, accounts: 6, organizationalUnits: 2, now: () => Date.now() + awsIsAhead });
  const { accounts, managementAccount } = simulator.organization;
  accountId = [...accounts.values()].find(({ id, state }) => id !== managementAccount.id && state === 'ACTIVE')?.id ?? '';
  roleArn = `arn:aws:iam::${accountId}:role/security/orgtrail`;
  trustedPrincipal = `arn:aws:iam::${simulator.foreignAccountId}:root`;
  verifier = verifierWith();
});
afterEach(async () => {
  verifier.destroy();
  await simulator.close();
});
const put = (grants: object = {}) => simulator.actions.putRole({ arn: roleArn, trustedPrincipal, externalId, ...grants });

describe('verifying a role', () => {
  it('proves that it works with the external id, and only with it', async () => {
    put();
    expect(await verifier.verify(question())).toEqual({
      outcome: 'verified',
      usedPreviousExternalId: false,
      negativeChecked: true,
    });
    expect(simulator.roleAssumptions.map(({ sessionName, outcome }) => [sessionName, outcome])).toEqual([
      ['orgtrail-verification', 'assumed'],
      ['orgtrail-negative-check', 'refused'],
      ['orgtrail-negative-check', 'refused'],
    ]);
    expect(verifier.calls()).toEqual({ AssumeRole: 3, GetCallerIdentity: 1, DescribeOrganization: 1 });
  });

  it('leaves negative checks out when they are not due, and where there is no external id', async () => {
    put();
    expect(await verifier.verify(question({ negative: false }))).toMatchObject({ outcome: 'verified', negativeChecked: false });
    simulator.actions.putRole({ arn: roleArn, trustedPrincipal });
    const { externalId: _left, ...without } = question();
    expect(await verifier.verify(without)).toMatchObject({ outcome: 'verified', negativeChecked: false });
    expect(simulator.roleAssumptions.filter(({ outcome }) => outcome === 'refused')).toEqual([]);
  });

  it.each<[string, object, Partial<RoleQuestion>]>([
    ['ROLE_NOT_ASSUMABLE', { externalId: 'another' }, {}],
    ['ROLE_NOT_ASSUMABLE', { trustedPrincipal: 'arn:aws:iam::123456789012:root' }, {}],
    ['EXTERNAL_ID_NOT_ENFORCED', { externalId: undefined }, {}],
    ['WRONG_ACCOUNT', { account: '123456789012' }, {}],
    ['WRONG_ORGANIZATION', { describes: 'another-organization' }, {}],
    ['NOT_IN_ORGANIZATION', { describes: 'no-organization' }, {}],
    ['MISSING_PERMISSION', { canReadOrganization: false }, {}],
    ['REGION_DISABLED', { assumingFails: { code: 'RegionDisabledException', status: 403 } }, {}],
    ['INVALID_ROLE', { assumingFails: { code: 'ValidationError', status: 400 } }, {}],
  ])('finds %s', async (cause, grants, more) => {
    put(grants);
    expect(await verifier.verify(question(more))).toMatchObject({ outcome: 'failed', cause });
  });

  it('finds a missing role', async () => {
    expect(await verifier.verify(question())).toMatchObject({ outcome: 'failed', cause: 'ROLE_NOT_ASSUMABLE' });
  });

  it('is refused by a role that has just been made, and finds it when it is asked again', async () => {
    put({ propagationMs: 60_000 });
    expect(await verifier.verify(question())).toMatchObject({ outcome: 'failed', cause: 'ROLE_NOT_ASSUMABLE' });
    awsIsAhead = 60_000;
    expect(await verifier.verify(question())).toMatchObject({ outcome: 'verified' });
  });

  it.each([
    ['AWS_THROTTLED', { code: 'Throttling', status: 400 }],
    ['AWS_UNAVAILABLE', { code: 'InternalFailure', status: 500 }],
  ])('decides nothing while AWS answers with %s', async (cause, assumingFails) => {
    put({ assumingFails });
    expect(await verifier.verify(question())).toMatchObject({ outcome: 'undecided', cause });
  });

  it('decides nothing with bad credentials of our own, or without a way to AWS', async () => {
    put();
    const foreign = verifierWith({ credentials: { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' } });
    expect(await foreign.verify(question())).toMatchObject({ outcome: 'undecided', cause: 'OWN_CREDENTIALS' });
    foreign.destroy();
    const lost = verifierWith({ endpoint: 'http://127.0.0.1:9' });
    expect(await lost.verify(question())).toMatchObject({ outcome: 'undecided', cause: 'AWS_UNREACHABLE' });
    lost.destroy();
  });

  it('accepts the former external id during an overlap, and has it refused afterwards', async () => {
    put({ externalId: 'former-id' });
    expect(await verifier.verify(question({ previousExternalId: 'former-id' }))).toMatchObject({
      outcome: 'verified',
      usedPreviousExternalId: true,
    });
    simulator.actions.putRoleFromTrustPolicy({
      arn: roleArn,
      policy: {
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: trustedPrincipal },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'sts:ExternalId': [externalId, 'former-id'] } },
          },
        ],
      },
    });
    expect(await verifier.verify(question({ retiredExternalId: 'former-id' }))).toMatchObject({
      outcome: 'failed',
      cause: 'OLD_EXTERNAL_ID_ACCEPTED',
    });
  });

  it('goes through an intermediate role, assumes that once, and tells its failure apart', async () => {
    const intermediate = `arn:aws:iam::${simulator.foreignAccountId}:role/hub`;
    put({ trustedPrincipal: intermediate });
    const chained = verifierWith({ intermediateRole: { roleArn: intermediate, externalId: 'hub-id' } });
    expect(await chained.verify(question())).toMatchObject({ outcome: 'failed', cause: 'INTERMEDIATE_ROLE_NOT_ASSUMABLE' });
    simulator.actions.putRole({ arn: intermediate, trustedPrincipal, externalId: 'hub-id' });
    expect(await chained.verify(question())).toMatchObject({ outcome: 'verified' });
    expect(await chained.verify(question())).toMatchObject({ outcome: 'verified' });
    expect(
      simulator.roleAssumptions.filter(({ roleArn: arn, outcome }) => arn === intermediate && outcome === 'assumed'),
    ).toHaveLength(1);
    expect((await chained.principal()).trusted).toBe(intermediate);
    chained.destroy();
  });

  it('says whom trust policies have to name', async () => {
    expect(await verifier.principal()).toEqual({
      accountId: simulator.foreignAccountId,
      arn: `arn:aws:iam::${simulator.foreignAccountId}:user/orgtrail`,
      trusted: `arn:aws:iam::${simulator.foreignAccountId}:user/orgtrail`,
    });
  });

  it('has no secret in what it says', async () => {
    put({ externalId: 'another' });
    expect(JSON.stringify(await verifier.verify(question()))).not.toContain(externalId);
  });

  it('begins no more than the allowed number a second, and refuses more on a public endpoint', async () => {
    put();
    const slow = verifierWith({ membersPerSecond: 20 });
    const begun = performance.now();
    await Promise.all(Array.from({ length: 12 }, () => slow.verify(question({ negative: false }))));
    expect(performance.now() - begun).toBeGreaterThan((11 / 20) * 1000 * 0.9);
    slow.destroy();
    expect(() => verifierWith({ endpoint: 'https://sts.amazonaws.com', membersPerSecond: 21 })).toThrow(/at most 20/);
  });

  it('asks nothing of a role whose ARN names another account', async () => {
    put();
    expect(await verifier.verify(question({ accountId: '123456789012' }))).toMatchObject({
      outcome: 'failed',
      cause: 'WRONG_ACCOUNT',
      detail: expect.stringContaining(accountId),
    });
    expect(verifier.calls()).toEqual({});
  });

  it('decides nothing when a negative check fails for a reason of its own', async () => {
    put();
    const disturbed = verifierWith({
      onCall: ({ operation }) => {
        if (operation === 'DescribeOrganization') put({ assumingFails: { code: 'InternalFailure', status: 500 } });
      },
    });
    expect(await disturbed.verify(question())).toMatchObject({ outcome: 'undecided', cause: 'AWS_UNAVAILABLE' });
    disturbed.destroy();
  });

  it.each(['AssumeRole', 'GetCallerIdentity', 'DescribeOrganization'])(
    'decides nothing when a page of HTML answers %s',
    async (operation) => {
      put();
      simulator.setBehaviour({ failing: { [operation]: 'html' } });
      expect(await verifier.verify(question())).toMatchObject({ outcome: 'undecided', cause: 'AWS_UNAVAILABLE' });
    },
  );

  it('blames the intermediate role for an ARN that AWS calls invalid', async () => {
    put();
    const chained = verifierWith({ intermediateRole: { roleArn: 'arn:aws:iam::1:role/not-an-account' } });
    expect(await chained.verify(question())).toMatchObject({ outcome: 'failed', cause: 'INTERMEDIATE_ROLE_NOT_ASSUMABLE' });
    chained.destroy();
  });

  it('gives up when it is aborted: while it waits for its turn, and while AWS is silent', async () => {
    put();
    const slow = verifierWith({ membersPerSecond: 0.01 });
    const reason = new Error('the service ends');
    const early = new AbortController();
    const waiting = slow.verify(question(), early.signal);
    early.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(slow.calls()).toEqual({});
    slow.destroy();
    simulator.setBehaviour({ latencyMs: { GetCallerIdentity: 60_000 } });
    const ending = new AbortController();
    const silent = verifier.verify(question(), ending.signal);
    while (simulator.calls['GetCallerIdentity'] === undefined) await new Promise(setImmediate);
    ending.abort(reason);
    await expect(silent).rejects.toBe(reason);
  });
});

describe('a connection by roles', () => {
  it('reads through an intermediate role, and with the former external id while the new one is refused', async () => {
    const { managementAccount } = simulator.organization;
    const intermediate = `arn:aws:iam::${simulator.foreignAccountId}:role/hub`;
    const target = `arn:aws:iam::${managementAccount.id}:role/orgtrail`;
    simulator.actions.putRole({ arn: intermediate, trustedPrincipal });
    simulator.actions.putRole({ arn: target, trustedPrincipal: intermediate, externalId: 'former-id' });
    const aws = connectToAws({
      endpoint: simulator.endpoint,
      region: 'us-east-1',
      credentials: simulator.credentialsFor(simulator.foreignAccountId),
      roleArn: target,
      externalId,
      previousExternalId: 'former-id',
      intermediateRole: { roleArn: intermediate },
      rateShare: 1000,
    });
    expect((await aws.reader('sync').callerIdentity()).accountId).toBe(managementAccount.id);
    expect((await aws.reader('sync').describeOrganization()).id).toBe(simulator.organization.organizationId);
    aws.destroy();
  });

  const refusalOf = async (more: Partial<AwsConnectionOptions>): Promise<AwsError> => {
    const aws = connectToAws({
      endpoint: simulator.endpoint,
      region: 'us-east-1',
      credentials: simulator.credentialsFor(simulator.foreignAccountId),
      rateShare: 1000,
      ...more,
    });
    try {
      return await aws
        .reader('sync')
        .listRoots()
        .then(
          () => Promise.reject(new Error('it was not refused')),
          (error: unknown) => error as AwsError,
        );
    } finally {
      aws.destroy();
    }
  };

  it('is assumed before the reads take their turns, so that those that waited for it do not leave together', async () => {
    const { managementAccount } = simulator.organization;
    const target = `arn:aws:iam::${managementAccount.id}:role/orgtrail`;
    simulator.actions.putRole({ arn: target, trustedPrincipal, externalId });
    simulator.setBehaviour({ latencyMs: { AssumeRole: 1000 } });
    const aws = connectToAws({
      endpoint: simulator.endpoint,
      region: 'us-east-1',
      credentials: simulator.credentialsFor(simulator.foreignAccountId),
      roleArn: target,
      externalId,
    });
    try {
      const reads = Array.from({ length: 4 }, () => aws.reader('sync').describeAccount(managementAccount.id));
      await delay(700);
      expect(aws.budget()).toMatchObject([{ operation: 'DescribeAccount', usedLast60s: 0 }]);
      await Promise.all(reads);
      expect(aws.calls()).toEqual({ DescribeAccount: 4 });
    } finally {
      aws.destroy();
      simulator.setBehaviour({ latencyMs: 0 });
    }
  });

  it('says which role was refused, under the name of AssumeRole, and what to check', async () => {
    const refusal = await refusalOf({ roleArn, externalId, previousExternalId: 'former-id' });
    expect(refusal).toMatchObject({ name: 'AwsError', kind: 'denied', operation: 'AssumeRole', code: 'AccessDenied' });
    expect(refusal.message).toMatch(new RegExp(`refused the role ${roleArn}.*trust policy`));
    expect(refusal.message).not.toContain(externalId);
    expect(simulator.roleAssumptions).toHaveLength(2);
  });

  it('names the intermediate role when that is refused, and tries no other external id then', async () => {
    const intermediate = `arn:aws:iam::${simulator.foreignAccountId}:role/hub`;
    put();
    const refusal = await refusalOf({
      roleArn,
      externalId,
      previousExternalId: 'former-id',
      intermediateRole: { roleArn: intermediate },
    });
    expect(refusal).toMatchObject({ kind: 'denied', operation: 'AssumeRole', message: expect.stringContaining(intermediate) });
    expect(simulator.roleAssumptions.map((call) => call.roleArn)).toEqual([intermediate]);
  });

  it('tells our own bad credentials from a refusal, and repeats no external id that AWS calls malformed', async () => {
    const stranger = { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'not-to-be-told' };
    const own = await refusalOf({ roleArn, credentials: stranger });
    expect(own).toMatchObject({ kind: 'credentials', operation: 'AssumeRole' });
    expect(own.message).not.toContain(stranger.secretAccessKey);
    const malformed = await refusalOf({ roleArn, externalId: 'with blanks in it' });
    expect(malformed.kind).toBe('invalid');
    expect(malformed.message).toContain('externalId');
    expect(malformed.message).not.toContain('blanks');
  });
});
