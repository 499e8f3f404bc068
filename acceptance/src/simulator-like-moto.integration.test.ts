import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Simulator } from '@orgtrail/aws-simulator';
import { buildMotoOrganization, startMoto, type DescribedOrganization } from '@orgtrail/testkit';
import { simulatorOf } from './simulator-of.js';

/** The same organization in both, asked for the same on the wire: what we wrote answers as what we did not write does. */

const moto = await startMoto();
let described: DescribedOrganization;
let simulator: Simulator;

beforeAll(async () => {
  if (moto === undefined) return;
  described = await buildMotoOrganization(moto.endpoint, { accounts: 15, organizationalUnits: 6, depth: 3 });
  simulator = await simulatorOf(described);
}, 60_000);
afterAll(async () => {
  await moto?.stop();
  await (simulator as Simulator | undefined)?.close();
});

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const targets = { organizations: 'AWSOrganizationsV20161128', events: 'AWSEvents' } as const;

async function ask(
  endpoint: string,
  { service, accessKeyId }: { service: keyof typeof targets; accessKeyId: string },
  [operation, input]: readonly [string, object],
): Promise<Answer> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${targets[service]}.${operation}`,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261123/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

async function bothAnswer(
  service: keyof typeof targets,
  call: readonly [string, object],
): Promise<{ ofMoto: Answer; ours: Answer }> {
  return {
    ofMoto: await ask(moto!.endpoint, { service, accessKeyId: 'testing' }, call),
    ours: await ask(simulator.endpoint, { service, accessKeyId: simulator.credentials.accessKeyId }, call),
  };
}

/** What only one of the two has, or says otherwise. AWS has all of ours: `Paths` and `State` since 2026, `Status` until then. */
const knownToDiffer: ReadonlySet<string> = new Set([
  'Paths',
  'Path',
  'Status',
  'State',
  'AvailablePolicyTypes',
  'PolicyTypes',
  'DelegationEnabledDate',
  'CreationTime',
  'LastModifiedTime',
  'LastAuthorizedTime',
  'ConnectionArn',
  // AWS's default of 300 is not shown by moto.
  'InvocationRateLimitPerSecond',
  // moto shows the secret, AWS never does.
  'ApiKeyValue',
  'ApiDestinationArn',
  'SecretArn',
]);

/** Without what is known to differ, without order, and times in whole seconds. */
function comparable(value: unknown, name = ''): unknown {
  if (Array.isArray(value))
    return value.map((item) => comparable(item)).sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
  if (typeof value === 'number' && name.endsWith('Timestamp')) return Math.floor(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, member]) => !knownToDiffer.has(key) && member !== null)
      .map(([key, member]) => [key, comparable(member, key)])
      .sort(([left], [right]) => (String(left) < String(right) ? -1 : 1)),
  );
}

(moto ? describe : describe.skip)('the simulator and moto', () => {
  const nobody = '999999999999';
  const account = () => described.accounts.find(({ tags }) => Object.keys(tags).length > 1)!.id;
  const ordinary = () => described.accounts.find(({ id }) => !described.delegated.some(({ accountId }) => accountId === id))!.id;
  const unit = () => described.organizationalUnits.find(({ tags }) => Object.keys(tags).length > 1)!.id;
  const root = () => described.roots[0]!.id;
  const administrator = () => described.delegated.at(-1)!.accountId;

  it.each<[string, () => object]>([
    ['DescribeOrganization', () => ({})],
    ['ListRoots', () => ({})],
    ['ListAccounts', () => ({ MaxResults: 20 })],
    ['ListAccountsForParent', () => ({ ParentId: root() })],
    ['DescribeAccount', () => ({ AccountId: account() })],
    ['ListOrganizationalUnitsForParent', () => ({ ParentId: root() })],
    ['DescribeOrganizationalUnit', () => ({ OrganizationalUnitId: unit() })],
    ['ListChildren', () => ({ ParentId: root(), ChildType: 'ACCOUNT' })],
    ['ListChildren', () => ({ ParentId: root(), ChildType: 'ORGANIZATIONAL_UNIT' })],
    ['ListParents', () => ({ ChildId: account() })],
    ['ListTagsForResource', () => ({ ResourceId: account() })],
    ['ListTagsForResource', () => ({ ResourceId: unit() })],
    ['ListDelegatedAdministrators', () => ({})],
    ['ListDelegatedServicesForAccount', () => ({ AccountId: administrator() })],
  ])('answer %s alike', async (operation, input) => {
    const { ofMoto, ours } = await bothAnswer('organizations', [operation, input()]);
    expect([ofMoto.status, ours.status]).toEqual([200, 200]);
    expect(comparable(ours.body)).toEqual(comparable(ofMoto.body));
  });

  it.each<[string, () => object]>([
    ['DescribeAccount', () => ({ AccountId: nobody })],
    ['DescribeOrganizationalUnit', () => ({ OrganizationalUnitId: `ou-${root().slice(2)}-11111111` })],
    ['ListDelegatedServicesForAccount', () => ({ AccountId: ordinary() })],
    ['TagResource', () => ({ ResourceId: nobody, Tags: [{ Key: 'a', Value: 'b' }] })],
  ])('refuse %s of what is not there with the same exception', async (operation, input) => {
    const { ofMoto, ours } = await bothAnswer('organizations', [operation, input()]);
    expect([ofMoto.status, ours.status]).toEqual([400, 400]);
    expect(ours.body['__type']).toBe(ofMoto.body['__type']);
  });

  it('answer alike of connections and API destinations', async () => {
    const connection = {
      Name: 'orgtrail',
      AuthorizationType: 'API_KEY',
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Secret', ApiKeyValue: 'secret' } },
    };
    const made = await bothAnswer('events', ['CreateConnection', connection]);
    expect(comparable(made.ours.body)).toEqual(comparable(made.ofMoto.body));
    const arns = [made.ofMoto, made.ours].map(({ body }) => String(body['ConnectionArn']));
    for (const arn of arns) expect(arn).toMatch(/^arn:aws:events:us-east-1:\d{12}:connection\/orgtrail\/[\da-f-]{36}$/);
    for (const [index, endpoint] of [moto!.endpoint, simulator.endpoint].entries()) {
      const accessKeyId = index === 0 ? 'testing' : simulator.credentials.accessKeyId;
      const destination = {
        Name: 'orgtrail',
        ConnectionArn: arns[index],
        InvocationEndpoint: 'https://events.example.com/v1',
        HttpMethod: 'POST',
      };
      const { body } = await ask(endpoint, { service: 'events', accessKeyId }, ['CreateApiDestination', destination]);
      expect(body).toMatchObject({
        ApiDestinationArn: expect.stringMatching(/:api-destination\/orgtrail\/[\da-f-]{36}$/) as unknown,
        ApiDestinationState: 'ACTIVE',
      });
    }
    for (const operation of ['DescribeApiDestination', 'DescribeConnection']) {
      const { ofMoto, ours } = await bothAnswer('events', [operation, { Name: 'orgtrail' }]);
      expect(comparable(ours.body)).toEqual(comparable(ofMoto.body));
    }
  });
});
