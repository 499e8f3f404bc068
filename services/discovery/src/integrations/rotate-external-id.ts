import type pg from 'pg';
import { askAllVerifications } from '../members/sql/ask-verification.js';
import { Refused } from './refused.js';
import { generateExternalId } from './settings.js';
import { selectIntegration } from './sql/select-integrations.js';
import { updateExternalIds } from './sql/update-integration.js';
import { transact } from './transact.js';

/**
 * Gives the integration a new external id. Until the overlap ends the former one is tried where the new one is refused; afterwards
 * roles have to refuse it.
 */
export async function rotateExternalId(
  pool: pg.Pool,
  id: string,
  options: { externalId?: string | undefined; overlapHours: number },
): Promise<void> {
  await transact(pool, async (client) => {
    const stored = await selectIntegration(client, id, { lock: true });
    if (!stored) throw new Error(`There is no integration ${id}.`);
    if (stored.previousExternalId) {
      // A second rotation would forget the id that roles still demand.
      throw new Refused(
        'conflict',
        `The external id is being rotated already: the former one is used until ${stored.previousExternalId.validUntil.toISOString()}.`,
        'OVERLAP_LASTS',
      );
    }
    await updateExternalIds(client, id, {
      externalId: options.externalId ?? generateExternalId(),
      ...(stored.externalId === undefined
        ? {}
        : options.overlapHours > 0
          ? {
              previous: {
                value: stored.externalId,
                validUntil: new Date(Date.now() + options.overlapHours * 3600 * 1000),
              },
            }
          : { retired: stored.externalId }),
    });
    await askAllVerifications(client, id);
  });
}

/** The overlap is over: the former external id is proven to be refused from now on. */
export async function endOverlap(pool: pg.Pool, id: string): Promise<void> {
  await transact(pool, async (client) => {
    const stored = await selectIntegration(client, id, { lock: true });
    if (stored?.externalId === undefined || !stored.previousExternalId || stored.previousExternalId.validUntil > new Date())
      return;
    await updateExternalIds(client, id, { externalId: stored.externalId, retired: stored.previousExternalId.value });
    await askAllVerifications(client, id);
  });
}
