import { benchWriter, processorRatio, rateOf, type PhaseComparison } from '@orgtrail/bench';
import type { Report } from '../report.js';

/** Of the bare loop's rate, in percent. */
const least = { unchanged: 60, insert: 45, update: 35 } as const;
const mostProcessor = 2.5;
/** A machine is now faster and now slower, by a fifth within a minute: one run says little. */
const runs = 3;

/** The writer's rate and its cost against the simplest loop that could keep the newest state, in the same runs: the median of the ratios. */
export async function speed(report: Report): Promise<void> {
  const byPhase = new Map<string, PhaseComparison[]>();
  for (let run = 1; run <= runs; run += 1) {
    report.say(`run ${run} of ${runs}`);
    const comparisons = await benchWriter({ print: (line) => report.say(line), say: (line) => report.say(line) });
    for (const comparison of comparisons) {
      const of = `${comparison.phase}, ${comparison.partitions} partition(s)`;
      byPhase.set(of, [...(byPhase.get(of) ?? []), comparison]);
    }
  }
  for (const [of, comparisons] of byPhase) {
    const shares = comparisons.map(({ writer, bare }) => (100 * rateOf(writer.figures)) / rateOf(bare));
    const ratios = comparisons.map(({ writer, bare }) => processorRatio(writer.figures, bare));
    const [first] = comparisons;
    if (!first) continue;
    report.atLeast(
      `${of}: rate, of the bare loop's in the same run, median of ${listed(shares)}`,
      median(shares),
      least[first.phase],
      '%',
    );
    report.atMost(
      `${of}: processor time of a record against the bare loop's, median of ${listed(ratios)}`,
      median(ratios),
      mostProcessor,
      'x',
    );
  }
}

const listed = (values: readonly number[]): string => values.map((value) => value.toPrecision(3)).join(', ');

/** Of an odd number of values. */
function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}
