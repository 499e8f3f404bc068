import { afterEach, expect, it, jest } from '@jest/globals';
import { orgtrail } from '../testing/command.fixture.js';
import { startOneIntegrationApi, type OneIntegrationApi } from '../testing/one-integration-api.fixture.js';

jest.setTimeout(60_000);

let api: OneIntegrationApi;
afterEach(() => api.close());

async function proof(state: string, ...options: string[]) {
  const document = {
    integration: { id: 'one', name: 'Production' },
    inSync: { state, sentence: `It is ${state}.`, doubts: [] },
    events: { state: 'arriving', sentence: 'Events arrive: the last came 12 s ago.' },
    syncs: {},
    unannounced: { windowSeconds: 900, lastSync: {}, day: {}, month: {} },
    tagIndex: [],
    delays: {},
    budget: { lastHour: [] },
  };
  api = await startOneIntegrationApi({}, { '/proof': document });
  return orgtrail(['integration', 'proof', '--url', api.url, ...options], {});
}

it.each([
  ['proven', [], 0],
  ['unproven', [], 0],
  ['proven', ['--require-proven'], 0],
  ['unproven', ['--require-proven'], 1],
] as const)('orgtrail integration proof where it is %s with %j ends with %i, and tells it', async (state, options, expected) => {
  const { code, stdout } = await proof(state, ...options);
  expect(code).toBe(expected);
  expect(stdout).toContain(`It is ${state}.\nEvents arrive: the last came 12 s ago.`);
});

it('orgtrail integration proof gives programs one document', async () => {
  const { stdout } = await proof('unproven', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ inSync: { state: 'unproven' }, events: { state: 'arriving' } });
});
