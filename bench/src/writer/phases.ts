/** What happens to every key of a phase. */
export interface Phase {
  name: 'warm-up' | 'insert' | 'update' | 'unchanged';
  /** One record for each key, per round: which edition of the account it tells. */
  editions: readonly number[];
}

/** 100,000 keys are written once, changed twice, and read again twice without a change: 500,000 records. */
export const phases: readonly (Phase & { name: Exclude<Phase['name'], 'warm-up'> })[] = [
  { name: 'insert', editions: [0] },
  { name: 'update', editions: [1, 2] },
  { name: 'unchanged', editions: [2, 2] },
];

/** Before the others and not counted, with keys of its own: Node compiles what it is about to run, and a service that runs has done so long ago. */
export const warmUp: Phase & { keys: number } = { name: 'warm-up', editions: [0, 1], keys: 10_000 };

export interface PhaseFigures {
  records: number;
  seconds: number;
  /** Processor time of this process, and of PostgreSQL. */
  nodeSeconds: number;
  postgresSeconds: number;
  /** Of this process, MB: greatest in the first and in the last quarter of the time. */
  rss: { early: number; late: number };
}
