import { stripVTControlCharacters } from 'node:util';

const segmenter = new Intl.Segmenter();
const width = (text: string) => Array.from(segmenter.segment(stripVTControlCharacters(text))).length;

/** A plain table: columns padded, two spaces between them, a rule below the heading. Width counts what a person sees as characters, not colors. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => Math.max(width(heading), ...rows.map((row) => width(row[column] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === headings.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd();
  return [line(headings), widths.map((columns) => '-'.repeat(columns)).join('  '), ...rows.map(line)].join('\n');
}
