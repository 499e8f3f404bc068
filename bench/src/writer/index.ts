import { compareWithBareLoop, type PhaseComparison } from './compare.js';
import { printComparison } from './print.js';

/** `npm run bench -- writer`: the graph writer against the simplest loop that could keep the newest state. */
export async function benchWriter({
  print,
  say,
  keys = 100_000,
  partitions = [1, 4],
}: {
  print(line: string): void;
  say(line: string): void;
  keys?: number;
  partitions?: readonly number[];
}): Promise<PhaseComparison[]> {
  const all: PhaseComparison[] = [];
  for (const count of partitions) {
    const comparisons = await compareWithBareLoop({ partitions: count, keys, say });
    for (const comparison of comparisons) print(printComparison(comparison));
    all.push(...comparisons);
  }
  return all;
}
