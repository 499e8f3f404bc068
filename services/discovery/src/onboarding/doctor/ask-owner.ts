import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { selectWatchers } from '../../ownership/sql/select-watchers.js';
import { unknown, type CheckResult } from './check.js';
import { integrationChecks } from './checks/index.js';
import { askExamination, selectAnswer } from './sql/examinations.js';

const askAgainMs = 250;
/** A replica that hangs is not waited for without end. */
const longestMs = 100_000;

/**
 * Lets the replica that watches the integration examine it, since AWS's budget is that one's alone (invariant 10). Resolves to undefined
 * where nobody watches it: then whoever asks may.
 */
export async function askOwner(pool: pg.Pool, integrationId: string): Promise<CheckResult[] | undefined> {
  const watcher = async () => (await selectWatchers(pool)).get(integrationId);
  let owner = await watcher();
  if (!owner) return undefined;
  const ask = await askExamination(pool, integrationId);
  const begun = performance.now();
  while (owner) {
    const checks = await selectAnswer(pool, integrationId, ask);
    if (checks) return checks;
    const milliseconds = Math.round(performance.now() - begun);
    if (milliseconds > longestMs) {
      const finding = unknown(
        `Replica ${owner.replica} watches the integration, and did not answer within ${longestMs / 1000} s`,
      );
      return integrationChecks.map(({ id, asks }) => ({ id, asks, ...finding, milliseconds }));
    }
    await delay(askAgainMs);
    owner = await watcher();
  }
  return undefined;
}
