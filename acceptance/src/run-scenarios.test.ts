import { describe, expect, it } from '@jest/globals';
import { runScenarios, type Scenario } from './run-scenarios.js';

const outcomeOf = async (...scenarios: Scenario[]): Promise<{ passed: boolean; lines: string[] }> => {
  const lines: string[] = [];
  const passed = await runScenarios(
    scenarios,
    (line) => lines.push(line),
    () => undefined,
  );
  return { passed, lines };
};

describe('the acceptance runner', () => {
  it('prints one line per point with its figure and bound', async () => {
    const outcome = await outcomeOf({
      name: 'demo',
      run: async (report) => {
        report.atMost('event to row', 1.25, 2, 's');
        report.atLeast('change lines', 12, 10);
        report.point('graph', { figure: 'no\ndifference', bound: 'equal', pass: true });
        report.say('not a point');
      },
    });
    expect(outcome).toEqual({
      passed: true,
      lines: [
        'PASS demo event to row: 1.25 s (bound at most 2 s)',
        'PASS demo change lines: 12 (bound at least 10)',
        'PASS demo graph: no difference (bound equal)',
      ],
    });
  });

  it('fails on any failed point, and runs the other scenarios all the same', async () => {
    const outcome = await outcomeOf(
      { name: 'slow', run: async (report) => report.atMost('stop', 11, 10, 's') },
      { name: 'good', run: async (report) => report.atLeast('rows', 10, 10) },
    );
    expect(outcome.passed).toBe(false);
    expect(outcome.lines).toEqual(['FAIL slow stop: 11 s (bound at most 10 s)', 'PASS good rows: 10 (bound at least 10)']);
  });

  it('fails a scenario that throws, and one that measures nothing', async () => {
    const outcome = await outcomeOf(
      { name: 'broken', run: () => Promise.reject(new Error('no broker')) },
      { name: 'empty', run: () => Promise.resolve() },
    );
    expect(outcome.passed).toBe(false);
    expect(outcome.lines).toEqual([
      'FAIL broken runs to its end: no broker (bound no error)',
      'FAIL empty points: 0 (bound at least 1)',
    ]);
  });

  it('fails a figure that is not a number', async () => {
    expect((await outcomeOf({ name: 'n', run: async (report) => report.atMost('x', NaN, 1) })).passed).toBe(false);
  });
});
