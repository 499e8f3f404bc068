import { expect, it } from '@jest/globals';
import type { IntegrationExamination } from '../examination.js';
import { arrivalChecks } from './arrival-checks.js';

async function arriving(given: { queueUrl: string | null; postsTaken: boolean; missed: number }) {
  const lastEventAt = new Date('2026-11-01T10:00:00Z');
  const examination = {
    stored: { settings: { queueUrl: given.queueUrl }, webhook: { since: lastEventAt } },
    arrival: () => Promise.resolve({ lastEventAt, delays: [], missed: given.missed }),
    postsTaken: () => Promise.resolve(given.postsTaken),
  };
  return arrivalChecks.find(({ id }) => id === 'events.arriving')?.run(examination as unknown as IntegrationExamination);
}
const queueUrl = 'https://sqs.us-east-1.amazonaws.com/111122223333/orgtrail';

it('the doctor says that events were lost where the proof does, whatever kind of sync found the changes', async () => {
  expect(await arriving({ queueUrl, postsTaken: false, missed: 2 })).toEqual({
    status: 'ok',
    found:
      'the last one at 2026-11-01T10:00:00.000Z; events were lost: changes of the last 7 days that syncs found without one: 2 (`orgtrail integration proof`)',
  });
});

it('the doctor finds that nobody listens where events can only be posted', async () => {
  expect(await arriving({ queueUrl: null, postsTaken: false, missed: 0 })).toMatchObject({
    status: 'failed',
    found: 'there is a webhook secret and no queue, and no replica listens for posts',
  });
  expect(await arriving({ queueUrl: null, postsTaken: true, missed: 0 })).toMatchObject({ status: 'ok' });
  expect(await arriving({ queueUrl, postsTaken: false, missed: 0 })).toMatchObject({ status: 'ok' });
});
