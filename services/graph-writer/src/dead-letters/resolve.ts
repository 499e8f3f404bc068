import { inTransaction } from '@orgtrail/database';
import type { Bus, OutgoingRecord } from '@orgtrail/messaging';
import { valueNotKeptHeader } from '@orgtrail/proto';
import { Problem } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { noteAdminAction } from '../sql/admin-actions.js';
import { lockOpenDeadLetters, newestDeadLetter, resolveDeadLetters, type Chosen } from '../sql/resolve-dead-letters.js';
import type { Resolution } from '../sql/select-dead-letters.js';
import type { WholeDeadLetter } from '../sql/select-dead-letter.js';
import type { StoredHeaders } from './dead-letter.js';
import { replayHeader } from './replay-header.js';

const lettersAtOnce = 200;

export interface Resolving {
  pool: pg.Pool;
  chosen: Chosen;
  by: string;
}

/** Marks open dead letters as discarded, and keeps who did it. Resolves to their numbers, oldest first. */
export function discardDeadLetters(resolving: Resolving): Promise<string[]> {
  return resolveEach(resolving, 'DISCARDED', () => Promise.resolve());
}

/**
 * Publishes the records of open dead letters to their topics once more, and marks them as replayed when the bus has them for sure. At least once: after a crash
 * in between they are still open. Rejects with a `BusError` when the bus does not take them, and with a `Problem` when one was kept without its value: those before are replayed, and the others still open. One that fails again becomes a new dead letter, which names this one and is not part of the same replay. An old record never
 * wins over newer state: every subject's version guards it.
 */
export function replayDeadLetters({ bus, ...resolving }: Resolving & { bus: Pick<Bus, 'publish'> }): Promise<string[]> {
  return resolveEach(resolving, 'REPLAYED', async (letters) => {
    refuseWithoutValue(letters);
    // In the order in which they failed, topic by topic.
    for (const topic of new Set(letters.map((letter) => letter.topic))) {
      await bus.publish(topic, letters.filter((letter) => letter.topic === topic).map(recordOf));
    }
  });
}

/** Some at a time, each time together with what is kept of it. */
async function resolveEach(
  { pool, chosen, by }: Resolving,
  resolution: Resolution,
  act: (letters: readonly WholeDeadLetter[]) => Promise<void>,
): Promise<string[]> {
  const upTo = await newestDeadLetter(pool);
  const resolved: string[] = [];
  for (;;) {
    const range = { after: resolved.at(-1) ?? '0', upTo, limit: lettersAtOnce };
    const ids = await inTransaction(pool, async (client) => {
      const letters = await lockOpenDeadLetters(client, chosen, range);
      if (letters.length === 0) return [];
      await act(letters);
      const done = letters.map(({ id }) => id);
      await resolveDeadLetters(client, done, { resolution, by });
      const which = 'ids' in chosen ? {} : chosen;
      await noteAdminAction(client, {
        who: by,
        action: actions[resolution],
        detail: { ...which, count: done.length, ids: done },
      });
      return done;
    });
    if (ids.length === 0) return resolved;
    resolved.push(...ids);
  }
}

function refuseWithoutValue(letters: readonly WholeDeadLetter[]): void {
  const ids = letters.flatMap(({ id, headers }) => (valueNotKeptHeader in headers ? [id] : []));
  if (ids.length === 0) return;
  throw new Problem(
    409,
    `Cannot be replayed, since the value was too large to keep: ${ids.join(', ')}. \`orgtrail dead-letters discard ${ids.join(' ')}\`: the next full sync says again what is there.`,
    { code: 'VALUE_NOT_KEPT' },
  );
}

const actions: Record<Resolution, string> = { REPLAYED: 'replay dead letters', DISCARDED: 'discard dead letters' };

function recordOf({ id, recordKey, recordValue, headers }: WholeDeadLetter): OutgoingRecord {
  return { key: recordKey ?? '', value: recordValue, headers: { ...outgoing(headers), [replayHeader]: id } };
}

const outgoing = (headers: StoredHeaders): Record<string, string | Uint8Array> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : Buffer.from(value.base64, 'base64'),
    ]),
  );
