import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { byAction, failed, notApplicable, ok, type Check, type Finding } from './check.js';
import { installationChecks, integrationChecks } from './checks/index.js';
import { runChecks } from './run-checks.js';

const check = (id: string, needs: string[], run: () => Promise<Finding>): Check<object> => ({
  id,
  asks: 'Is it?',
  needs,
  failureMeans: 'It is not.',
  mendedBy: 'mending',
  run,
});
const statuses = async (checks: Check<object>[], options = {}) =>
  Object.fromEntries((await runChecks(checks, {}, options)).map(({ id, status }) => [id, status]));

describe('checks', () => {
  it('fail alone: what needs them is unknown, and names them', async () => {
    const results = await runChecks(
      [
        check('a', [], async () => failed('it is off', byAction('switch it on'))),
        check('b', ['a'], async () => ok('never asked')),
        check('c', ['b'], async () => ok('never asked')),
        check('d', [], async () => ok('fine')),
      ],
      {},
    );
    expect(results.map(({ id, status, blockedBy, means }) => [id, status, blockedBy, means])).toEqual([
      ['a', 'failed', undefined, 'It is not.'],
      ['b', 'unknown', ['a'], undefined],
      ['c', 'unknown', ['a'], undefined],
      ['d', 'ok', undefined, undefined],
    ]);
  });

  it('are asked where what they need does not apply', async () => {
    expect(
      await statuses([check('a', [], async () => notApplicable('none')), check('b', ['a'], async () => ok('fine'))]),
    ).toEqual({
      a: 'not-applicable',
      b: 'ok',
    });
  });

  it('that throw or are silent are unknown, never good', async () => {
    const throws = check('throws', [], () => Promise.reject(new Error('no answer')));
    const silent = check('silent', [], async () => {
      await delay(10_000, undefined, { ref: false });
      return ok('late');
    });
    expect(await statuses([throws, silent], { longestMs: 20 })).toEqual({ throws: 'unknown', silent: 'unknown' });
  });
});

describe('the checks of the doctor', () => {
  const all = [...installationChecks, ...integrationChecks];

  it('have ids of their own, and come after everything they need', () => {
    const seen = new Set<string>();
    for (const { id, needs } of all) {
      expect([id, needs.filter((need) => !seen.has(need))]).toEqual([id, []]);
      expect(seen.has(id)).toBe(false);
      expect(id).toMatch(/^[a-z]+\.[\w:-]+$/);
      seen.add(id);
    }
  });

  it('are many, and none of an installation needs an integration', () => {
    expect(all.length).toBeGreaterThanOrEqual(18);
    const ids = new Set(installationChecks.map(({ id }) => id));
    expect(installationChecks.flatMap(({ needs }) => needs).filter((need) => !ids.has(need))).toEqual([]);
  });
});
