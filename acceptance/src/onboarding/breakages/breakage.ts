/** One thing that is out of order, and how it comes into order again. */
export interface Breakage {
  id: string;
  how: string;
  break(): Promise<unknown>;
  /** Where the report prints what a person does (another version, a clock, a proxy): the same, done by the test. Absent: the printed commands. */
  byHand?: { what: string; act(): Promise<unknown> };
}
