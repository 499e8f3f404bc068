import type pg from 'pg';
import { createBackoff, pause } from '../backoff.js';
import { describeError } from '../describe-error.js';
import type { BusLogger } from '../port.js';
import { recordsChannel } from './sql/append-records.js';
import { groupsChannel } from './sql/group-members.js';

export interface Sleeper {
  /** New records in a partition of a topic, or (without arguments) a time in which they may have been missed. */
  onRecords: (topic?: string, partitions?: readonly number[]) => void;
  /** Somebody joined or left a group, or (without a name) may have. */
  onGroup: (group?: string) => void;
}

export interface WakeUps {
  add: (sleeper: Sleeper) => void;
  remove: (sleeper: Sleeper) => void;
  close: () => Promise<void>;
}

/**
 * Listens on one connection of the pool, kept for the life of the bus. Notifications only shorten a wait: they are lost while the
 * connection is, and everybody polls as well.
 */
export function listenForWakeUps(pool: pg.Pool, logger: BusLogger): WakeUps {
  const sleepers = new Set<Sleeper>();
  const closing = new AbortController();

  const hear = ({ channel, payload = '' }: pg.Notification): void => {
    if (channel === groupsChannel) for (const sleeper of sleepers) sleeper.onGroup(payload);
    if (channel !== recordsChannel) return;
    const { topic, partitions } = JSON.parse(payload) as { topic: string; partitions: number[] };
    for (const sleeper of sleepers) sleeper.onRecords(topic, partitions);
  };

  const listenOnce = async (onListening: () => void): Promise<void> => {
    const client = await pool.connect();
    let lost: Error | undefined;
    const ended = new Promise<void>((resolve) => {
      const end = (error?: Error): void => {
        lost = error ?? new Error('The connection ended');
        resolve();
      };
      client.on('error', end);
      client.on('end', end);
      closing.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', hear);
    try {
      await client.query(`LISTEN ${recordsChannel}; LISTEN ${groupsChannel}`);
      onListening();
      for (const sleeper of sleepers) {
        sleeper.onRecords();
        sleeper.onGroup();
      }
      await ended;
      if (lost) throw lost;
      await client.query('UNLISTEN *');
    } catch (error) {
      lost = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      client.off('notification', hear);
      client.release(lost);
    }
  };

  const backoff = createBackoff();
  const listening = (async () => {
    while (!closing.signal.aborted) {
      try {
        await listenOnce(() => backoff.reset());
      } catch (error) {
        logger.warn({ error: describeError(error) }, 'The bus hears no notifications for now and only polls');
        await pause(backoff.nextMs(), closing.signal);
      }
    }
  })();

  return {
    add: (sleeper) => void sleepers.add(sleeper),
    remove: (sleeper) => void sleepers.delete(sleeper),
    close: async () => {
      closing.abort();
      await listening;
    },
  };
}
