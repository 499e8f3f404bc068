import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { orgtrail } from '../testing/command.fixture.js';
import { startOneIntegrationApi, type OneIntegrationApi } from '../testing/one-integration-api.fixture.js';

jest.setTimeout(60_000);

let api: OneIntegrationApi;
beforeEach(async () => {
  api = await startOneIntegrationApi({});
});
afterEach(() => api.close());

describe('orgtrail integration sync', () => {
  it('asks for a full sync, or for a light one', async () => {
    expect(await orgtrail(['integration', 'sync', '--url', api.url], {})).toMatchObject({ code: 0, stderr: '' });
    expect(await orgtrail(['integration', 'sync', '--light', '--url', api.url], {})).toMatchObject({ code: 0 });
    expect(api.posts.map(({ path, body }) => [path.split('/').at(-1), body])).toEqual([
      ['sync', { kind: 'full' }],
      ['sync', { kind: 'light' }],
    ]);
  });
});

describe('orgtrail integration show', () => {
  it('tells how far the sync is that runs', async () => {
    const running = { kind: 'full', startedAt: '2026-11-01T00:00:00.000Z', accounts: 400, of: 1000, organizationalUnits: 35 };
    api.integration['sync'] = { running: { ...running, secondsLeft: 26 } };
    const { stdout } = await orgtrail(['integration', 'show', '--url', api.url], {});
    expect(stdout).toMatch(/^sync +full, 400 of about 1,000 accounts, 35 OUs, about 26 s left$/m);
  });
});
