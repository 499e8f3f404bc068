import type { EmbeddedPostgres } from '@orgtrail/embedded-postgres';
import { exitCodes, type Component } from '@orgtrail/service-runtime';
import { CommandError } from '../exit-error.js';

/**
 * The embedded PostgreSQL as a part of the run that can fail: when it ends by itself, all ends, since nothing works without it. It is
 * started before and stopped after the run, by whoever opened it.
 */
export function embeddedDatabase({ exited, logFile }: Pick<EmbeddedPostgres, 'exited' | 'logFile'>): Component {
  let isOver = false;
  const done = exited.then(({ code, signal }) => {
    if (isOver) return;
    throw new CommandError(
      `The embedded PostgreSQL ended by itself (${signal ?? `code ${String(code)}`}), and so does Orgtrail. ${logFile} may say why. The next start goes on from what was written.`,
      exitCodes.unavailable,
    );
  });
  // It may end before anybody looks.
  done.catch(() => undefined);
  return {
    name: 'embedded-postgres',
    start: async () => undefined,
    stop: async () => {
      isOver = true;
    },
    done,
  };
}
