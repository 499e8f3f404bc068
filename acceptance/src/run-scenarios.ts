import { createReport, type Report } from './report.js';

export interface Scenario {
  name: string;
  run(report: Report): Promise<void>;
}

/** Runs one scenario after the other (they measure). True when every point of all passed, and each scenario had one. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  print: (line: string) => void,
  talk: (line: string) => void,
): Promise<boolean> {
  let allPassed = true;
  for (const { name, run } of scenarios) {
    const report = createReport(name, print, talk);
    const started = performance.now();
    try {
      await run(report);
      // A scenario that found nothing to measure has shown nothing.
      if (report.passed + report.failed === 0) report.point('points', { figure: 0, bound: 'at least 1', pass: false });
    } catch (error) {
      talk(error instanceof Error ? (error.stack ?? error.message) : String(error));
      report.point('runs to its end', {
        figure: error instanceof Error ? error.message : String(error),
        bound: 'no error',
        pass: false,
      });
    }
    report.say(`${report.passed} passed, ${report.failed} failed, ${((performance.now() - started) / 1000).toFixed(1)} s`);
    allPassed &&= report.failed === 0;
  }
  return allPassed;
}
