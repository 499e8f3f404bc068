import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { orgtrail, type Ended } from '../testing/command.fixture.js';
import { startOneIntegrationApi, type OneIntegrationApi } from '../testing/one-integration-api.fixture.js';

jest.setTimeout(60_000);

let api: OneIntegrationApi;
afterEach(() => api.close());

async function doctor(status: string, ...options: string[]): Promise<Ended> {
  const report = {
    installation: [
      { id: 'database.reachable', asks: 'Does PostgreSQL answer?', status, found: 'localhost:5432', milliseconds: 1 },
    ],
    integrations: [],
  };
  api = await startOneIntegrationApi({}, { '/v1/doctor': report });
  return orgtrail(['doctor', '--url', api.url, ...options], {});
}

describe('orgtrail doctor', () => {
  it.each([
    ['ok', 0],
    ['not-applicable', 0],
    ['failed', 1],
    ['unknown', 1],
  ])('where a check is %s ends with %i', async (status, exitCode) => {
    const { code, stdout } = await doctor(status);
    expect(code).toBe(exitCode);
    expect(stdout).toContain('database.reachable');
  });

  it('gives programs one document and nothing else', async () => {
    const { code, stdout, stderr } = await doctor('failed', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ installation: [{ id: 'database.reachable', status: 'failed' }] });
    expect(stderr).toBe('');
  });
});
