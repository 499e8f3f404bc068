import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { orgtrail } from '../testing/command.fixture.js';
import { startOneIntegrationApi, type OneIntegrationApi } from '../testing/one-integration-api.fixture.js';

jest.setTimeout(60_000);

const held = [
  { subject: 'account:111122223333', name: 'Sandbox', heldAt: '2026-01-01T00:00:00.000Z' },
  {
    subject: 'ou:ou-ab12-11111111',
    heldAt: '2026-01-01T00:00:00.000Z',
    approvedAt: '2026-01-02T00:00:00.000Z',
    approvedBy: 'ana',
  },
];
/** The API breaks when it is asked about this one. */
const breaksAt = 'account:000000009999';
let api: OneIntegrationApi;
beforeEach(async () => {
  api = await startOneIntegrationApi(
    { organizationId: 'o-exampleorgid' },
    {
      '/held-deletions': { heldDeletions: held },
      '/approve': { approved: ['account:111122223333'], notHeld: ['account:999999999999'] },
      '/discard': (body) => {
        const { subjects = held.map(({ subject }) => subject) } = body as { subjects?: string[] };
        const approvalsTakenBack = held.filter(
          ({ subject, approvedBy }) => approvedBy !== undefined && subjects.includes(subject),
        );
        return subjects.includes(breaksAt) ? undefined : { discarded: subjects, approvalsTakenBack, notHeld: [] };
      },
    },
  );
});
afterEach(() => api.close());

const run = (...args: string[]) => orgtrail(['held-deletions', '--url', api.url, ...args], {});
const postedTo = (end: string) => api.posts.filter(({ path }) => path.endsWith(end)).map(({ body }) => body);

it('lists what waits, for people and as JSON', async () => {
  const { code, stdout } = await run();
  expect(code).toBe(0);
  expect(stdout).toMatch(/o-exampleorgid +account:111122223333 +Sandbox .* waits\n/);
  expect(stdout).toContain('approved by ana, AWS is asked twice more');
  expect(JSON.parse((await run('--json')).stdout)).toMatchObject(
    held.map((one) => ({ organizationId: 'o-exampleorgid', ...one })),
  );
});

it('approves what is named, and fails where something of it is not held', async () => {
  const { code, stdout, stderr } = await run('--approve', 'account:111122223333,account:999999999999');
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'Not held: account:999999999999\n' });
  expect(stdout).toContain('account:111122223333');
  expect(postedTo('/held-deletions/approve')).toEqual([{ subjects: ['account:111122223333', 'account:999999999999'] }]);
});

it('discards what is named, or all, and never both approves and discards', async () => {
  expect(await run('--discard', 'account:111122223333')).toMatchObject({ code: 0, stderr: '' });
  expect(await run('--discard')).toMatchObject({
    code: 0,
    stderr: 'Approvals that were taken back with it: ou:ou-ab12-11111111 (by ana)\n',
  });
  expect(postedTo('/held-deletions/discard')).toEqual([{ subjects: ['account:111122223333'] }, {}]);
  expect((await run('--discard', '--approve', 'account:111122223333')).code).toBe(2);
  expect(api.posts).toHaveLength(2);
});

it('answers about more than the API takes at once in parts, discarding as well', async () => {
  const many = Array.from({ length: 2001 }, (_, index) => `account:${String(index).padStart(12, '0')}`);
  expect((await run('--discard', many.join())).code).toBe(0);
  expect(postedTo('/held-deletions/discard')).toEqual([{ subjects: many.slice(0, 2000) }, { subjects: many.slice(2000) }]);
});

it.each([[[]], [['--json']]])(
  'says what was done before the API failed midway, and what is without an answer, with %j',
  async (options) => {
    const many = Array.from({ length: 2000 }, (_, index) => `account:${String(index).padStart(12, '0')}`);
    const { code, stdout, stderr } = await run('--discard', [...many, breaksAt].join(), ...options);
    expect(code).toBe(1);
    for (const one of many) expect(stdout).toContain(one);
    expect(stderr).toContain(`to be given again: ${breaksAt}\n`);
    expect(stderr).toContain('HTTP 503');
    expect(stderr).not.toContain('account:000000000000');
  },
);
