import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createProxy, type IncomingMessage, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';

// Real processes on a busy machine: this is a bound for what hangs, no expectation.
jest.setTimeout(60_000);

/** A network that reaches AWS by a proxy only, which looks inside with certificates of the company's own authority. It is AWS, too. */
const run = promisify(execFile);
const names = [
  ...['us-east-1', 'eu-central-1', 'us-gov-west-1', 'us-gov-east-1'].map((region) => `*.${region}.amazonaws.com`),
  ...['*.amazonaws.com', '*.cn-northwest-1.amazonaws.com.cn', '*.aws.company.test', '*.sqs.us-east-1.vpce.amazonaws.com'],
  ...['us-east-1', 'us-gov-west-1'].map((region) => `*.${region}.api.aws`),
];
let folder: string;
let intercepting: ReturnType<typeof createServer>;
let proxy: Server;
let asked: { host: string; as: string; region: string; what: string }[];
const inFolder = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'orgtrail-network-'));
  const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'.split(' ');
  const [ca, caKey, leaf, leafKey, request, extensions] = ['ca', 'ca-key', 'leaf', 'leaf-key', 'request', 'extensions'].map(
    (name) => inFolder(`${name}.pem`),
  ) as [string, string, string, string, string, string];
  const openssl = (...args: string[]) => run('openssl', args);
  await openssl('req', '-x509', ...newKey, '-days', '1', '-subj', '/CN=Company', '-keyout', caKey, '-out', ca);
  await openssl('req', ...newKey, '-subj', '/CN=proxy', '-keyout', leafKey, '-out', request);
  writeFileSync(extensions, `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`);
  const signed = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', '1', '-extfile', extensions];
  await openssl('x509', '-req', '-in', request, ...signed, '-out', leaf);
  intercepting = createServer({ key: readFileSync(leafKey), cert: readFileSync(leaf) }, (incoming, response) => {
    void bodyOf(incoming).then((body) => {
      const { type, document } = answerOf(incoming, body);
      response.writeHead(200, { 'content-type': type });
      response.end(document);
    });
  });
  proxy = createProxy();
  proxy.on('connect', (_request, socket) => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    socket.on('error', () => socket.destroy());
    intercepting.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  writeFileSync(
    inFolder('credentials'),
    '[gov]\naws_access_key_id=AKIAGOV\naws_secret_access_key=s\n[china]\naws_access_key_id=AKIACHINA\naws_secret_access_key=s\n',
  );
});
afterAll(() => {
  proxy.closeAllConnections();
  proxy.close();
  intercepting.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
});

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  return body;
}

/** As AWS would, for whoever asks; a session's key tells whose it is. */
function answerOf({ headers }: IncomingMessage, body: string): { type: string; document: string } {
  const [, as = '', region = '', service = ''] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  const action = new URLSearchParams(body).get('Action');
  const target = String(headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
  asked.push({ host: headers.host ?? '', as, region, what: service === 'sts' ? (action ?? '') : (target ?? '') });
  const session = `<AccessKeyId>${as.startsWith('ASIA') ? as : `ASIA-of-${as}`}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>`;
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  const xml: Record<string, string> = {
    AssumeRole: `<AssumeRoleResponse><AssumeRoleResult><Credentials>${session}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    GetCallerIdentity: `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:${partition}:sts::111122223333:assumed-role/orgtrail/orgtrail</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
  };
  if (action !== null) return { type: 'text/xml', document: xml[action] ?? '' };
  const json: Record<string, object> = {
    DescribeOrganization: {
      Organization: {
        Id: 'o-exampleorgid',
        Arn: `arn:${partition}:organizations::111122223333:organization/o-exampleorgid`,
        MasterAccountId: '111122223333',
        FeatureSet: 'ALL',
      },
    },
    GetResources: { ResourceTagMappingList: [] },
    DescribeRule: { Arn: `arn:${partition}:events:${region}:111122223333:rule/orgtrail`, State: 'ENABLED', EventPattern: '{}' },
    DescribeTrails: { trailList: [] },
    ReceiveMessage: {},
  };
  return { type: 'application/x-amz-json-1.1', document: JSON.stringify(json[target ?? ''] ?? {}) };
}

/** What a process of that environment finds with the role, and in `asked` whom it asked as whom. */
async function read(
  given: { role?: string; queueUrl?: string; member?: string },
  environment: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const loader = path.join(import.meta.dirname, '..', '..', '..', 'scripts', 'jest', 'typescript-sources.js');
  const { role = 'arn:aws:iam::111122223333:role/orgtrail', queueUrl = '', member = '' } = given;
  const { stdout, stderr } = await run(
    process.execPath,
    ['--import', loader, path.join(import.meta.dirname, 'company-network.fixture.ts'), role, queueUrl, member],
    {
      env: {
        PATH: process.env['PATH'] ?? '',
        HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
        NODE_EXTRA_CA_CERTS: inFolder('ca.pem'),
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'AKIACOMMERCIAL',
        AWS_SECRET_ACCESS_KEY: 's',
        AWS_SHARED_CREDENTIALS_FILE: inFolder('credentials'),
        AWS_CONFIG_FILE: inFolder('none'),
        ...environment,
      },
      timeout: 55_000,
    },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Record<string, unknown>;
}
const hosts = () => Object.fromEntries(asked.map(({ what, host }) => [what, host]));
const queueUrl = 'https://sqs.us-east-1.amazonaws.com/111122223333/orgtrail-events';
const everything = { identity: '111122223333', organization: 'o-exampleorgid', tags: 0, trails: [], queue: [] };

describe('behind a proxy that looks inside', () => {
  it('AWS is read with the authority of NODE_EXTRA_CA_CERTS, each service at its own address', async () => {
    expect(await read({ queueUrl })).toMatchObject(everything);
    expect(hosts()).toEqual({
      AssumeRole: 'sts.eu-central-1.amazonaws.com',
      GetCallerIdentity: 'sts.eu-central-1.amazonaws.com',
      DescribeOrganization: 'organizations.us-east-1.amazonaws.com',
      GetResources: 'tagging.us-east-1.amazonaws.com',
      DescribeRule: 'events.us-east-1.amazonaws.com',
      DescribeTrails: 'cloudtrail.us-east-1.amazonaws.com',
      ReceiveMessage: 'sqs.us-east-1.amazonaws.com',
    });
  });

  it('nothing is read without it', async () => {
    const { identity } = await read({}, { NODE_EXTRA_CA_CERTS: '' });
    expect(identity).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('NODE_EXTRA_CA_CERTS') });
    expect(asked).toEqual([]);
  });
});

describe('a partition', () => {
  const profiles = { ORGTRAIL_AWS_PROFILE_AWS_US_GOV: 'gov', ORGTRAIL_AWS_PROFILE_AWS_CN: 'china' };
  const askedAs = (what: string) => asked.find((call) => call.what === what);

  it.each([
    ['aws', 'AKIACOMMERCIAL', 'sts.eu-central-1.amazonaws.com', 'organizations.us-east-1.amazonaws.com'],
    ['aws-us-gov', 'AKIAGOV', 'sts.us-gov-west-1.amazonaws.com', 'organizations.us-gov-west-1.amazonaws.com'],
    ['aws-cn', 'AKIACHINA', 'sts.cn-northwest-1.amazonaws.com.cn', 'organizations.cn-northwest-1.amazonaws.com.cn'],
  ])(
    '%s has its own credentials and addresses, for the organization and for members',
    async (partition, key, sts, organizations) => {
      const role = `arn:${partition}:iam::111122223333:role/orgtrail`;
      expect(await read({ role, member: role }, profiles)).toMatchObject({
        organization: 'o-exampleorgid',
        member: { outcome: 'verified' },
      });
      expect(askedAs('AssumeRole')).toMatchObject({ as: key, host: sts });
      expect(askedAs('DescribeOrganization')).toMatchObject({ as: `ASIA-of-${key}`, host: organizations });
      // Nothing of another partition was asked, and nobody else's key was sent.
      expect([...new Set(asked.map(({ as }) => as))].sort()).toEqual([key, `ASIA-of-${key}`]);
    },
  );

  it('without credentials of its own is not asked with those of another, and the variable is named', async () => {
    const role = 'arn:aws-cn:iam::111122223333:role/orgtrail';
    const { identity, member } = await read({ role, member: role });
    expect(identity).toMatchObject({ kind: 'credentials', message: expect.stringContaining('ORGTRAIL_AWS_PROFILE_AWS_CN') });
    expect(member).not.toMatchObject({ outcome: 'verified' });
    expect(asked).toEqual([]);
  });
});

describe('other addresses of AWS', () => {
  it('endpoints of a VPC are used, each by the variable of its service', async () => {
    const at = (service: string) => `https://${service}.aws.company.test`;
    const services = {
      STS: 'sts',
      ORGANIZATIONS: 'organizations',
      RESOURCE_GROUPS_TAGGING_API: 'tagging',
      EVENTBRIDGE: 'events',
    };
    const others = { CLOUDTRAIL: 'cloudtrail', SQS: 'sqs' };
    const environment = Object.fromEntries(
      Object.entries({ ...services, ...others }).map(([name, service]) => [`AWS_ENDPOINT_URL_${name}`, at(service)]),
    );
    expect(await read({ queueUrl }, environment)).toMatchObject(everything);
    expect([...new Set(asked.map(({ host }) => host))].sort()).toEqual(
      ['cloudtrail', 'events', 'organizations', 'sqs', 'sts', 'tagging'].map((service) => `${service}.aws.company.test`),
    );
  });

  it('a queue whose URL names an endpoint of a VPC is read there, in its own Region', async () => {
    const host = 'vpce-0a1b2c3d4e5f67890-abcdefgh.sqs.us-east-1.vpce.amazonaws.com';
    await read({ queueUrl: `https://${host}/111122223333/orgtrail-events` });
    expect(asked.find(({ what }) => what === 'ReceiveMessage')).toMatchObject({ host, region: 'us-east-1' });
  });

  it('FIPS endpoints are used where they are asked for', async () => {
    expect(await read({ queueUrl }, { AWS_USE_FIPS_ENDPOINT: 'true', AWS_REGION: 'us-east-1' })).toMatchObject(everything);
    expect(hosts()).toEqual({
      AssumeRole: 'sts-fips.us-east-1.amazonaws.com',
      GetCallerIdentity: 'sts-fips.us-east-1.amazonaws.com',
      DescribeOrganization: 'organizations-fips.us-east-1.amazonaws.com',
      GetResources: 'tagging-fips.us-east-1.amazonaws.com',
      DescribeRule: 'events-fips.us-east-1.amazonaws.com',
      DescribeTrails: 'cloudtrail-fips.us-east-1.amazonaws.com',
      ReceiveMessage: 'sqs-fips.us-east-1.amazonaws.com',
    });
  });

  it('and in aws-us-gov, where most have none beside the usual ones', async () => {
    const role = 'arn:aws-us-gov:iam::111122223333:role/orgtrail';
    const gov = queueUrl.replace('us-east-1', 'us-gov-west-1');
    const environment = { AWS_USE_FIPS_ENDPOINT: 'true', AWS_REGION: 'us-gov-west-1' };
    expect(await read({ role, queueUrl: gov }, environment)).toMatchObject(everything);
    expect(hosts()).toEqual({
      AssumeRole: 'sts.us-gov-west-1.amazonaws.com',
      GetCallerIdentity: 'sts.us-gov-west-1.amazonaws.com',
      DescribeOrganization: 'organizations.us-gov-west-1.amazonaws.com',
      GetResources: 'tagging-fips.us-gov-west-1.amazonaws.com',
      DescribeRule: 'events.us-gov-west-1.amazonaws.com',
      DescribeTrails: 'cloudtrail.us-gov-west-1.amazonaws.com',
      ReceiveMessage: 'sqs.us-gov-west-1.amazonaws.com',
    });
  });
});
