import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { connectToAws } from './connection.js';
import type { AwsConnection } from './reads.js';
import { createRoleVerifier } from './role-verifier.js';

let simulator: Simulator;
let aws: AwsConnection;
const hour = 3_600_000;

beforeEach(async () => {
  simulator = await startSimulator({ seed: 53, accounts: 5, organizationalUnits: 2 });
  aws = connectToAws({ endpoint: simulator.endpoint, region: 'us-east-1', credentials: simulator.credentials, rateShare: 1000 });
});
afterEach(async () => {
  aws.destroy();
  await simulator.close();
});
const near = async (expected: number) => {
  await aws.reader('sync').describeOrganization();
  expect(Math.abs(aws.clockSkewMs()! - expected)).toBeLessThan(1_500);
};

describe("a clock that is not AWS's", () => {
  it('is seen in the answers', async () => {
    expect(aws.clockSkewMs()).toBeUndefined();
    await near(0);
    simulator.setBehaviour({ clockSkewMs: 120_000 });
    await near(-120_000);
  });

  it.each([hour, -hour])(
    "does not keep us from AWS where it is off by %i ms: the call is made again with AWS's time",
    async (skew) => {
      simulator.setBehaviour({ clockSkewMs: skew });
      await near(-skew);
      expect(simulator.calls).toEqual({ DescribeOrganization: 2 });
    },
  );

  it('does not keep us from assuming roles, and from proving those of members', async () => {
    simulator.setBehaviour({ clockSkewMs: hour });
    const { managementAccount, organizationId } = simulator.organization;
    const roleArn = `arn:aws:iam::${managementAccount.id}:role/OrgtrailIntegration`;
    simulator.actions.putRole({ arn: roleArn, trustedPrincipal: managementAccount.id, externalId: 'tenant-1' });
    const access = { endpoint: simulator.endpoint, region: 'us-east-1', credentials: simulator.credentials };
    const role = connectToAws({ ...access, roleArn, externalId: 'tenant-1', rateShare: 1000 });
    expect(await role.reader('sync').describeOrganization()).toMatchObject({ id: organizationId });
    role.destroy();
    const verifier = createRoleVerifier(access);
    const question = { roleArn, externalId: 'tenant-1', accountId: managementAccount.id, organizationId, negative: true };
    expect(await verifier.verify(question)).toMatchObject({ outcome: 'verified' });
    verifier.destroy();
  });
});
