import type { TakenIn } from './take-in.js';

/**
 * When the newest of these happened, of those that have come for the first time; undefined where none has. What comes again says nothing
 * of the way, and what is refused is of nobody. Pure.
 */
export function arrivalOf(taken: readonly TakenIn[]): { happenedAt: Date | undefined } | undefined {
  const came = taken.filter(({ outcome }) => outcome !== 'refused' && outcome !== 'repeated');
  if (came.length === 0) return undefined;
  const times = came.flatMap(({ happenedAt }) => happenedAt?.getTime() ?? []);
  return { happenedAt: times.length === 0 ? undefined : new Date(Math.max(...times)) };
}
