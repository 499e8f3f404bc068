import type { ReadRecord } from './read-record.js';
import { scopeOf } from './scope-changes.js';

/** Records of one partition in two parts that know nothing of each other: no scope is in both. Each in the order of the partition. */
export interface Halves {
  /** Changes only. */
  aside: readonly ReadRecord[];
  /** All others. */
  main: readonly ReadRecord[];
}

/** With fewer in a half two transactions cost more than they bring. */
const fewestThatPay = 500;

/**
 * Parts records so that two backends of Postgres can apply them at once. Undefined where that does not pay, as the most are of one scope, and where one of
 * them concerns a whole scope. Pure.
 */
export function halvesOf(records: readonly ReadRecord[], fewest = fewestThatPay): Halves | undefined {
  if (records.length < 2 * fewest || records.some((read) => 'scopeChange' in read)) return undefined;
  const counts = new Map<string, number>();
  for (const read of records) {
    const scope = scopeOf(read);
    if (scope !== undefined) counts.set(scope, (counts.get(scope) ?? 0) + 1);
  }
  const scopesAside = new Set<string>();
  let aside = 0;
  let main = 0;
  for (const [scope, count] of [...counts].sort(([, left], [, right]) => right - left)) {
    if (aside < main) {
      aside += count;
      scopesAside.add(scope);
    } else main += count;
  }
  if (aside < fewest) return undefined;
  const isAside = (read: ReadRecord): boolean => 'change' in read && scopesAside.has(read.change.scope);
  return { aside: records.filter(isAside), main: records.filter((read) => !isAside(read)) };
}
