/** A plain table: columns padded, two spaces between them, a rule below the heading. Width counts code points, good enough for names. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = (text: string) => [...text].length;
  const widths = headings.map((heading, column) => Math.max(width(heading), ...rows.map((row) => width(row[column] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === headings.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd();
  return [line(headings), widths.map((columns) => '-'.repeat(columns)).join('  '), ...rows.map(line)].join('\n');
}
