/** What happens to every key of a phase. */
export interface Phase {
  name: 'insert' | 'update' | 'unchanged';
  /** One record for each key, per round: which edition of the account it tells. */
  editions: readonly number[];
}

/** 100,000 keys are written once, changed twice, and read again twice without a change: 500,000 records. */
export const phases: readonly Phase[] = [
  { name: 'insert', editions: [0] },
  { name: 'update', editions: [1, 2] },
  { name: 'unchanged', editions: [2, 2] },
];

export interface PhaseFigures {
  records: number;
  seconds: number;
  /** Processor time of this process, and of PostgreSQL. */
  nodeSeconds: number;
  postgresSeconds: number;
  /** Of this process, MB: greatest in the first and in the last quarter of the time. */
  rss: { early: number; late: number };
}
