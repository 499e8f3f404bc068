import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRoleVerifier } from '@orgtrail/aws';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { migrate } from '@orgtrail/database';
import { createLogger } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import express from 'express';
import { createIntegration } from '../integrations/administer.js';
import { integrationSettings } from '../integrations/settings.js';
import { migrations } from '../migrations/index.js';
import { createDiscoveryApi } from './api.fixture.js';

let simulator: Simulator;
let database: TestDatabase;
let server: Server;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 1, accounts: 3, organizationalUnits: 1 });
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
  const api = createDiscoveryApi({
    tokens: [],
    pool: database.pool,
    logger: createLogger({ service: 'test', level: 'silent' }),
    verifier: () =>
      createRoleVerifier({
        endpoint: simulator.endpoint,
        region: simulator.region,
        credentials: simulator.credentialsFor(simulator.foreignAccountId),
      }),
    onboardingTemplateUrl: 'https://bucket.s3.us-east-1.amazonaws.com/orgtrail-management.yaml',
    doctor: { examine: () => Promise.reject(new Error('There is no doctor here.')) },
    wake: () => undefined,
  });
  server = createServer(express().use(api));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await database.drop();
  await simulator.close();
});

async function get(path: string): Promise<{ status: number; answer: Record<string, unknown> }> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/integrations/${path}`);
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

it('each way comes with the values of the integration, and names whom AWS says that we are', async () => {
  const { externalId = '' } = await createIntegration(database.pool, {
    ...integrationSettings.parse({ roleArn: 'arn:aws:iam::111122223333:role/security/orgtrail' }),
    name: 'Production',
    syncInterval: '1h',
  });
  const principal = `arn:aws:iam::${simulator.foreignAccountId}:user/orgtrail`;
  for (const way of ['cloudformation', 'console', 'cli', 'terraform']) {
    const { status, answer } = await get(`Production/onboarding/${way}`);
    expect({ status, way: answer['way'] }).toEqual({ status: 200, way });
    const all = JSON.stringify(answer);
    for (const value of [principal, externalId, '111122223333', 'security']) expect(all).toContain(value);
  }
  expect((await get('Production/onboarding/cloudformation')).answer['link']).toContain(`param_ExternalId=${externalId}`);
  expect((await get('Production/trust-policy')).answer).toMatchObject({
    roleName: 'security/orgtrail',
    trustedPrincipal: principal,
    ownPermissions: { Statement: [{ Action: 'sts:AssumeRole', Resource: 'arn:aws:iam::*:role/security/orgtrail' }] },
  });
});

it('another way is refused with those that there are', async () => {
  const { status, answer } = await get('Production/onboarding/constructor');
  expect(status).toBe(404);
  expect(answer).toMatchObject({
    code: 'UNKNOWN_WAY',
    detail: expect.stringContaining('cloudformation, console, cli, terraform'),
  });
});
