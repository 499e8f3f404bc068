import { DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { ListRootsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, eventsOnQueue, failureOf } from '../testing/customer.js';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ seed: 1, accounts: 4, organizationalUnits: 1 });
});
afterEach(() => simulator.close());

const minutes = 60_000;

it.each([4.5 * minutes, -4.5 * minutes])(
  'a clock that is %d ms ahead shows in answers and events, and refuses nothing',
  async (clockSkewMs) => {
    simulator.setBehaviour({ clockSkewMs });
    const { headers } = await fetch(simulator.endpoint);
    expect(Math.abs(Date.parse(headers.get('date')!) - Date.now() - clockSkewMs)).toBeLessThan(2000);
    await customerOf(simulator).organizations.send(new ListRootsCommand({}));
    simulator.actions.tagResource({ resourceId: simulator.organization.root.id, tags: { a: 'b' } });
    const [{ detail }] = eventsOnQueue(simulator) as [ReturnType<typeof eventsOnQueue>[0]];
    expect(Math.abs(Date.parse(detail.eventTime) - Date.now() - clockSkewMs)).toBeLessThan(2000);
  },
);

it.each<[number, string]>([
  [5.1 * minutes, 'Signature expired'],
  [-5.1 * minutes, 'Signature not yet current'],
])('a clock that is %d ms ahead refuses what is signed by ours, in the words of each service', async (clockSkewMs, words) => {
  simulator.setBehaviour({ clockSkewMs });
  // New clients each: the SDK corrects its clock by the first refusal.
  const { organizations, sts, sqs, trails } = customerOf(simulator);
  for (const [call, name, status] of [
    [() => organizations.send(new ListRootsCommand({})), 'InvalidSignatureException', 400],
    [() => trails.send(new DescribeTrailsCommand({})), 'InvalidSignatureException', 400],
    [() => sts.send(new GetCallerIdentityCommand({})), 'SignatureDoesNotMatch', 403],
    [() => sqs.send(new ListQueuesCommand({})), 'SignatureDoesNotMatch', 403],
  ] as const) {
    const failure = await failureOf(call());
    expect(failure).toMatchObject({ name, $metadata: { httpStatusCode: status } });
    expect(failure.message).toContain(words);
  }
});

it('an SDK that may try again puts its clock right by the answer', async () => {
  simulator.setBehaviour({ clockSkewMs: 60 * minutes });
  const { endpoint, region, credentials } = simulator;
  const patient = new OrganizationsClient({ endpoint, region, credentials, maxAttempts: 2 });
  expect((await patient.send(new ListRootsCommand({}))).Roots).toHaveLength(1);
  expect(simulator.calls['ListRoots']).toBe(2);
});
