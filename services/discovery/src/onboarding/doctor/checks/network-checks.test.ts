import { expect, it } from '@jest/globals';
import type { InstallationExamination } from '../examination.js';
import { networkChecks } from './network-checks.js';

// Nobody listens there.
const nowhere = 'http://127.0.0.1:9';
const judged = (environment: Record<string, string>) =>
  networkChecks.find(({ id }) => id === 'network.proxy')?.run({ environment } as unknown as InstallationExamination);

it('a proxy that takes no connections is out of order', async () => {
  expect(await judged({ HTTPS_PROXY: nowhere })).toMatchObject({ status: 'failed' });
});

it('it is not judged where no address of AWS is asked for through it', async () => {
  expect(await judged({ HTTPS_PROXY: nowhere, NO_PROXY: '.amazonaws.com' })).toMatchObject({ status: 'not-applicable' });
});
