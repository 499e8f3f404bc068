import { benchWriter, processorRatio, rateOf } from '@orgtrail/bench';
import type { Report } from '../report.js';

/** Of the bare loop's rate, in percent. */
const least = { unchanged: 60, insert: 45, update: 35 } as const;
const mostProcessor = 2.5;

/** The writer's rate and its cost against the simplest loop that could keep the newest state, in the same run. */
export async function speed(report: Report): Promise<void> {
  const comparisons = await benchWriter({ print: (line) => report.say(line), say: (line) => report.say(line) });
  for (const { phase, partitions, writer, bare } of comparisons) {
    const of = `${phase}, ${partitions} partition(s)`;
    const share = (100 * rateOf(writer.figures)) / rateOf(bare);
    report.atLeast(
      `${of}: ${rateOf(writer.figures).toFixed(0)} records/s of the bare loop's ${rateOf(bare).toFixed(0)}`,
      share,
      least[phase],
      '%',
    );
    report.atMost(
      `${of}: processor time of a record against the bare loop's`,
      processorRatio(writer.figures, bare),
      mostProcessor,
      'x',
    );
  }
}
