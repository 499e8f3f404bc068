import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { orgtrail, type Ended } from '../testing/command.fixture.js';
import { startOneIntegrationApi, type OneIntegrationApi } from '../testing/one-integration-api.fixture.js';

jest.setTimeout(60_000);

const made = {
  secret: 'orgtrail-webhook-example',
  path: '/v1/events/0b2f0e0e-1111-4222-8333-444455556666',
  header: 'x-orgtrail-webhook-secret',
  previousValidUntil: '2026-12-01T00:00:00.000Z',
};

describe('orgtrail integration webhook-secret', () => {
  let api: OneIntegrationApi;
  beforeEach(async () => {
    const webhook = { since: '2026-11-01T00:00:00.000Z' };
    api = await startOneIntegrationApi({ webhook }, { '/webhook-secret': made });
  });
  afterEach(() => api.close());
  const run = (...options: string[]): Promise<Ended> =>
    orgtrail(['integration', 'webhook-secret', '--url', api.url, ...options], {});

  it('shows the secret once, where it belongs, and how long the former one is valid', async () => {
    const { code, stdout } = await run('--overlap-hours', '24');
    expect(code).toBe(0);
    for (const word of Object.values(made)) expect(stdout).toContain(word);
    expect(JSON.parse((await run('--json')).stdout)).toEqual(made);
  });

  it('says where nobody listens for what would be posted', async () => {
    const said = 'No replica listens there yet: set WEBHOOK_PORT';
    expect((await run()).stdout).not.toContain(said);
    await api.close();
    api = await startOneIntegrationApi({}, { '/webhook-secret': { ...made, isListening: false } });
    expect((await run()).stdout).toContain(said);
  });

  it('removes none where there was none, and says so', async () => {
    delete api.integration['webhook'];
    expect(await run('--remove')).toMatchObject({
      code: 0,
      stdout: 'There was no secret: every replica refuses posted events.\n',
    });
  });

  it('says that a removed secret is still taken until every replica knows, and promises no more', async () => {
    const { code, stdout } = await run('--remove');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'Removed: within a second or two every replica refuses posted events.\n',
    });
  });

  it.each([[['up']], [['integration', 'create']], [['integration', 'change']]])(
    'is not forgotten where %j says what is without a queue',
    async (command) => {
      const { stdout } = await orgtrail([...command, '--help'], {});
      const said = stdout.replaceAll(/\s+/g, ' ');
      expect(said).toMatch(/--queue-url [^-]*changes come by webhook, or syncs find them/);
    },
  );

  it('asks for a new secret or none, not both', async () => {
    expect(await run('--remove', '--overlap-hours', '1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('one of both'),
    });
  });
});
