import { exitCodeOf } from './errors.js';
import { endAtOnceOnSignals } from './process-events.js';
import { scrubText } from './scrub.js';

/**
 * The whole of a `main.ts`: runs, and ends the process with the exit code. An error is told in one line on standard error (a
 * configuration's problems in one each), without a stack: what went wrong and what to do stands in its message.
 */
export async function runMain(run: () => Promise<number>): Promise<never> {
  endAtOnceOnSignals();
  try {
    process.exit(await run());
  } catch (error) {
    process.stderr.write(`orgtrail: ${scrubText(error instanceof Error ? error.message : String(error))}\n`);
    process.exit(exitCodeOf(error));
  }
}
