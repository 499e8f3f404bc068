import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { recordReads } from '../observed/record-reads.js';
import { accountsToDerive, noteDerivation, pendingDerivation } from './sql/derivation.js';

const chunk = 200;

/**
 * Derives every member again when something changed that all depend on: settings, tags of an OU, a held deletion. Durable: what was
 * asked for is noted as done only after the last account. Resolves to the number of accounts looked at.
 */
export async function deriveAllWhenAsked(
  pool: pg.Pool,
  integration: Integration,
  options: { confirmTagsAfterSeconds: number; onChanged(): void },
): Promise<number> {
  const ask = await pendingDerivation(pool, integration.id);
  if (ask === undefined) return 0;
  const subjects = await accountsToDerive(pool, integration.id);
  for (let start = 0; start < subjects.length; start += chunk) {
    const recorded = await recordReads(
      pool,
      integration,
      subjects.slice(start, start + chunk).map((subject) => ({ subject, reads: [] })),
      { publish: 'changed', baseline: false, countUnexplained: false, confirmTagsAfterSeconds: options.confirmTagsAfterSeconds },
    );
    if (recorded.some(({ memberChanged }) => memberChanged)) options.onChanged();
  }
  await noteDerivation(pool, integration.id, ask);
  return subjects.length;
}
