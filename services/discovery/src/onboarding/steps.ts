/** One numbered action of a text: what it is for, and its commands or clicks. */
export interface Step {
  title: string;
  lines: readonly string[];
}

/** Steps as text that reads well in a terminal. */
export function formatSteps(introduction: readonly string[], steps: readonly Step[]): string {
  const numbered = steps.map(({ title, lines }, index) =>
    [`${index + 1}. ${title}`, ...lines.map((line) => (line === '' ? '' : `   ${line}`))].join('\n'),
  );
  return [...(introduction.length === 0 ? [] : [introduction.join('\n')]), ...numbered].join('\n\n');
}

/** A command over several lines, indented so that it can be told from the text and copied. */
export function command(first: string, ...more: readonly string[]): string[] {
  return [first, ...more].map((line, index) => `  ${index === 0 ? '' : '  '}${line}${index < more.length ? ' \\' : ''}`);
}

/** A document, indented like a command. */
export function block(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`);
}
