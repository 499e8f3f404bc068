import type pg from 'pg';
import type { Lane } from './lanes.js';
import { countSwarms } from './sql/count-swarms.js';

/** Knows while events pour in faster than anybody could read what they name. */
export interface Swarms {
  /** To be asked before each claim; with the lanes in which much may be due. */
  look(crowded: readonly Lane[]): Promise<void>;
  /** What events ask for since then is better read when they have ceased; undefined: nothing is held. */
  heldSince(lane: Lane): Date | undefined;
}

export interface SwarmsOptions {
  pool: pg.Pool;
  integrationId: string;
  callsPerSecond(operation: string): number;
  /** Milliseconds, monotonic. */
  now(): number;
}

const operations: Partial<Record<Lane, string>> = {
  account: 'DescribeAccount',
  tags: 'ListTagsForResource',
  ou: 'DescribeOrganizationalUnit',
};
/** It takes longer than this to read what is open, … */
const openSeconds = 10;
/** … and what came in the last three seconds takes longer than this. */
const freshSeconds = 8;
const lookEveryMs = 500;
/** What was not named again for so long is read even in the midst of a swarm: most of what swarms name, they name again within that. */
const quietMs = 10_000;
/** However long events pour in, what they name again and again is read in between. */
const longestHoldMs = 60_000;

/**
 * A subject that is read in the midst of a swarm is read in vain: the next event about it is on its way already. So while requests come in
 * much faster than they can be read, and there is more than enough to read, a lane holds what events ask for until they cease.
 */
export function createSwarms({ pool, integrationId, callsPerSecond, now }: SwarmsOptions): Swarms {
  const held = new Map<Lane, { since: Date; until: number }>();
  let lookedAt = -Infinity;
  return {
    look: async (crowded) => {
      if ((crowded.length === 0 && held.size === 0) || now() - lookedAt < lookEveryMs) return;
      lookedAt = now();
      const { swarms, at } = await countSwarms(pool, integrationId);
      for (const [lane, operation] of Object.entries(operations) as [Lane, string][]) {
        const swarm = swarms.find((one) => one.lane === lane);
        const rate = callsPerSecond(operation);
        const poursIn = swarm !== undefined && swarm.open > openSeconds * rate && swarm.fresh > freshSeconds * rate;
        if (!poursIn) held.delete(lane);
        else held.set(lane, { since: new Date(at.getTime() - quietMs), until: held.get(lane)?.until ?? now() + longestHoldMs });
      }
    },
    heldSince: (lane) => {
      const hold = held.get(lane);
      return hold && now() < hold.until ? hold.since : undefined;
    },
  };
}
