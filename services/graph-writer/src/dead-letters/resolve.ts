import { inTransaction } from '@orgtrail/database';
import type { Bus, OutgoingRecord } from '@orgtrail/messaging';
import type pg from 'pg';
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

/** Marks open dead letters as discarded. Resolves to their numbers, oldest first. */
export function discardDeadLetters({ pool, chosen, by }: Resolving): Promise<string[]> {
  return resolveEach(pool, chosen, { resolution: 'DISCARDED', by }, () => Promise.resolve());
}

/**
 * Publishes the records of open dead letters to their topics once more, and marks them as replayed when the bus has them for sure. At least once: after a crash
 * in between they are still open. One that fails again becomes a new dead letter, which names this one and is not part of the same replay. An old record never
 * wins over newer state: every subject's version guards it.
 */
export function replayDeadLetters({ bus, ...resolving }: Resolving & { bus: Pick<Bus, 'publish'> }): Promise<string[]> {
  const { pool, chosen, by } = resolving;
  return resolveEach(pool, chosen, { resolution: 'REPLAYED', by }, async (letters) => {
    // In the order in which they failed, topic by topic.
    for (const topic of new Set(letters.map((letter) => letter.topic))) {
      await bus.publish(topic, letters.filter((letter) => letter.topic === topic).map(recordOf));
    }
  });
}

async function resolveEach(
  pool: pg.Pool,
  chosen: Chosen,
  how: { resolution: Resolution; by: string },
  act: (letters: readonly WholeDeadLetter[]) => Promise<void>,
): Promise<string[]> {
  const resolved: string[] = [];
  let upTo: string | undefined;
  for (let after = '0'; ; after = resolved.at(-1) ?? after) {
    const ids = await inTransaction(pool, async (client) => {
      upTo ??= await newestDeadLetter(client);
      const letters = await lockOpenDeadLetters(client, chosen, { after, upTo, limit: lettersAtOnce });
      if (letters.length === 0) return [];
      await act(letters);
      await resolveDeadLetters(
        client,
        letters.map(({ id }) => id),
        how,
      );
      return letters.map(({ id }) => id);
    });
    if (ids.length === 0) return resolved;
    resolved.push(...ids);
  }
}

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
