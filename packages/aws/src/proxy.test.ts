import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createProxy, type Server } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';

// Real processes on a busy machine: this is a bound for what hangs, no expectation.
jest.setTimeout(60_000);

/** An endpoint with a certificate of an authority of our own, and a proxy that alone knows where its name leads. */
const host = 'sts.aws.test';
const password = 'p:ss/word';
const credentials = `orgtrail:${encodeURIComponent(password)}`;
const identity =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/orgtrail</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';
const answered = { accountId: '111122223333' };

const run = promisify(execFile);
let folder: string;
let endpoint: ReturnType<typeof createServer>;
let proxy: Server;
let asked: { for: string; as: string | undefined }[];
let demands: string | undefined;
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
const proxyAddress = (userinfo = '') => `http://${userinfo}127.0.0.1:${portOf(proxy)}`;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'orgtrail-proxy-'));
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(folder, name));
  const options = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1'.split(' ');
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host},DNS:localhost`];
  await run('openssl', [...options, ...names, '-keyout', key!, '-out', certificate!]);
  endpoint = createServer({ key: readFileSync(key!), cert: readFileSync(certificate!) }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(identity);
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  proxy = createProxy();
  proxy.on('connect', (request, socket) => {
    asked.push({ for: request.url ?? '', as: request.headers['proxy-authorization'] });
    if (demands !== undefined && request.headers['proxy-authorization'] !== demands) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const upstream = connect(portOf(endpoint), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  proxy.closeAllConnections();
  proxy.close();
  endpoint.closeAllConnections();
  endpoint.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  demands = undefined;
});

/** What a process with that environment hears from the address. */
async function ask(address: string, environment: Record<string, string>): Promise<Record<string, string>> {
  const loader = path.join(import.meta.dirname, '..', '..', '..', 'scripts', 'jest', 'typescript-sources.js');
  const { PATH = '' } = process.env;
  const { stdout } = await run(
    process.execPath,
    ['--import', loader, path.join(import.meta.dirname, 'proxy.fixture.ts'), address],
    { env: { PATH, ...environment }, timeout: 55_000 },
  );
  return JSON.parse(stdout) as Record<string, string>;
}
const trusted = () => ({ NODE_EXTRA_CA_CERTS: path.join(folder, 'certificate.pem') });

describe('AWS behind a proxy', () => {
  it.each(['HTTPS_PROXY', 'https_proxy'])('is reached through %s', async (name) => {
    expect(await ask(`https://${host}`, { ...trusted(), [name]: proxyAddress() })).toEqual(answered);
    expect(asked).toEqual([{ for: `${host}:443`, as: undefined }]);
  });

  it('is asked directly where NO_PROXY says so', async () => {
    const environment = { ...trusted(), HTTPS_PROXY: proxyAddress(), NO_PROXY: '.aws.test' };
    // Nobody but the proxy knows where this name leads.
    expect(await ask(`https://${host}`, environment)).toMatchObject({
      kind: 'unreachable',
      code: expect.stringMatching(/^E/),
      message: expect.stringMatching(/AWS could not be reached at sts\.aws\.test \(E[A-Z_]+\)\./),
    });
    expect(asked).toEqual([]);
  });

  it('is out of reach at its own name where that of the proxy leads nowhere, and both are told without the credentials', async () => {
    const environment = { ...trusted(), HTTPS_PROXY: `http://${credentials}@proxy.aws.test:3128` };
    const answer = await ask(`https://${host}`, environment);
    expect(answer).toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/at sts\.aws\.test \(E[A-Z_]+ proxy\.aws\.test\)/),
    });
    expect(answer['everything']).not.toContain(encodeURIComponent(password));
  });

  it('is asked directly on this machine, whatever the environment says', async () => {
    const address = `https://localhost:${portOf(endpoint)}`;
    expect(await ask(address, { ...trusted(), HTTPS_PROXY: proxyAddress() })).toEqual(answered);
    expect(asked).toEqual([]);
  });

  it('is reached with the credentials of the proxy', async () => {
    demands = `Basic ${Buffer.from(`orgtrail:${password}`).toString('base64')}`;
    expect(await ask(`https://${host}`, { ...trusted(), HTTPS_PROXY: proxyAddress(`${credentials}@`) })).toEqual(answered);
    expect(asked).toEqual([{ for: `${host}:443`, as: demands }]);
  });

  it.each(['', `${credentials}@`])('is out of reach where the proxy takes no "%s", which no error repeats', async (userinfo) => {
    demands = 'Basic of-somebody-else';
    const answer = await ask(`https://${host}`, { ...trusted(), HTTPS_PROXY: proxyAddress(userinfo) });
    expect(answer).toMatchObject({
      kind: 'unreachable',
      code: 'ERR_PROXY_TUNNEL',
      message: expect.stringContaining('It asks for a name and a password'),
    });
    for (const secret of [password, encodeURIComponent(password), Buffer.from(`orgtrail:${password}`).toString('base64')]) {
      expect(answer['everything']).not.toContain(secret);
    }
  });

  it('tells of a setting that is none, at once and without repeating it', async () => {
    const answer = await ask(`https://${host}`, { ...trusted(), HTTPS_PROXY: `http://orgtrail:${password}@127.0.0.1:1` });
    expect(answer).toMatchObject({ kind: 'invalid', message: expect.stringContaining('HTTPS_PROXY names no HTTP proxy') });
    expect(answer['everything']).not.toContain(password);
    expect(asked).toEqual([]);
  });

  it('is not trusted with a certificate of an authority that Node was not told of', async () => {
    expect(await ask(`https://${host}`, { HTTPS_PROXY: proxyAddress() })).toMatchObject({
      kind: 'unreachable',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      message: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  });
});
