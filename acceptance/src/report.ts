/** One thing that was promised, and what was measured. */
export interface Measurement {
  /** What was measured, with its unit: `1.3 s`, `164 calls`. */
  figure: string | number;
  /** What was promised, readable after the figure: `at most 2 s`, `equal`. */
  bound: string | number;
  pass: boolean;
}

/** What a scenario tells. Only points go to standard output, one line each. */
export interface Report {
  point(name: string, measurement: Measurement): void;
  /** Passes when the figure is at most (at least) the bound. `unit` follows both numbers. */
  atMost(name: string, figure: number, bound: number, unit?: string): void;
  atLeast(name: string, figure: number, bound: number, unit?: string): void;
  /** Progress, for the one who waits: standard error. */
  say(text: string): void;
}

export interface ScenarioReport extends Report {
  readonly passed: number;
  readonly failed: number;
}

/** `PASS|FAIL <scenario> <point>: <figure> (bound <bound>)`. `record` is told of each point, for a report that programs read. */
export function createReport(
  scenario: string,
  print: (line: string) => void,
  talk: (line: string) => void,
  record: (point: Measurement & { name: string }) => void = () => undefined,
): ScenarioReport {
  const outcomes: boolean[] = [];
  const point = (name: string, { figure, bound, pass }: Measurement): void => {
    outcomes.push(pass);
    record({ name, figure, bound, pass });
    print(`${pass ? 'PASS' : 'FAIL'} ${scenario} ${oneLine(name)}: ${oneLine(figure)} (bound ${oneLine(bound)})`);
  };
  const withUnit = (value: number, unit: string): string => `${Number(value.toFixed(3))}${unit === '' ? '' : ` ${unit}`}`;
  return {
    point,
    atMost: (name, figure, bound, unit = '') =>
      point(name, { figure: withUnit(figure, unit), bound: `at most ${withUnit(bound, unit)}`, pass: figure <= bound }),
    atLeast: (name, figure, bound, unit = '') =>
      point(name, { figure: withUnit(figure, unit), bound: `at least ${withUnit(bound, unit)}`, pass: figure >= bound }),
    say: (text) => talk(`${scenario}: ${text}`),
    get passed() {
      return outcomes.filter((pass) => pass).length;
    },
    get failed() {
      return outcomes.filter((pass) => !pass).length;
    },
  };
}

const oneLine = (value: string | number): string => String(value).replaceAll(/\s+/g, ' ').trim();
