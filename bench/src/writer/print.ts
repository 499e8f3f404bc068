import type { PhaseComparison } from './compare.js';
import type { PhaseFigures } from './phases.js';

/** One line for each phase: rates, ratios, processor time per record. */
export function printComparison({ phase, partitions, writer: { figures, rows }, bare, recordBytes }: PhaseComparison): string {
  const ratio = rateOf(figures) / rateOf(bare);
  const cost = ({ nodeSeconds, postgresSeconds, records }: PhaseFigures): string =>
    `${((nodeSeconds / records) * 1e6).toFixed(1)} + ${((postgresSeconds / records) * 1e6).toFixed(1)} µs`;
  return [
    `${partitions} partition(s) ${phase.padEnd(9)} ${figures.records} records:`,
    `writer ${rateOf(figures).toFixed(0)}/s, bare loop ${rateOf(bare).toFixed(0)}/s, ${(100 * ratio).toFixed(0)} %;`,
    `processor per record (Node + PostgreSQL) ${cost(figures)} against ${cost(bare)}, ${processorRatio(figures, bare).toFixed(2)} x;`,
    `record ${recordBytes.writer.toFixed(0)} B against ${recordBytes.bare.toFixed(0)} B;`,
    `then ${rows.entities} entities, ${rows.relationships} relationships, ${rows.changes} changes`,
  ].join(' ');
}

/** Records a second. */
export function rateOf({ records, seconds }: PhaseFigures): number {
  return records / seconds;
}

/** How much more processor time a record costs this process. */
export function processorRatio(figures: PhaseFigures, bare: PhaseFigures): number {
  return figures.nodeSeconds / figures.records / (bare.nodeSeconds / bare.records);
}
