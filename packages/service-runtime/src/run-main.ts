import { exitCodeOf } from './errors.js';
import { endAtOnceOnSignals } from './process-events.js';
import { scrubText } from './scrub.js';

/** As a shell says that SIGPIPE ended a process. */
const nobodyReads = 141;

/**
 * The whole of a `main.ts`: runs, and ends the process with the exit code. An error is told in one line on standard error (a
 * configuration's problems in one each), without a stack: what went wrong and what to do stands in its message.
 */
export async function runMain(run: () => Promise<number>): Promise<never> {
  endAtOnceOnSignals();
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      // `… | head` has seen enough.
      process.exit(nobodyReads);
    });
  }
  let code: number;
  try {
    code = await run();
  } catch (error) {
    process.stderr.write(`orgtrail: ${scrubText(error instanceof Error ? error.message : String(error))}\n`);
    code = exitCodeOf(error);
  }
  // `process.exit` drops what a slow reader has not taken out of the pipe yet.
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))));
  process.exit(code);
}
