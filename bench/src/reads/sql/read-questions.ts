import type { GraphSize } from './fill-graph.js';

export interface ReadQuestion {
  ask: string;
  sql: string;
  /** Drawn anew for each call. */
  values(): unknown[];
  /** Asks for the whole organization. */
  whole: boolean;
}

/** What people ask, of an account, a unit and a time drawn at random. */
export function readQuestions({ scope, accounts, divisions, months }: GraphSize, until: number): ReadQuestion[] {
  const draw = (below: number): number => Math.floor(Math.random() * below);
  const account = (): string => String(draw(accounts)).padStart(12, '0');
  // Not in the first fifth, in which accounts are still being found.
  const time = (): Date => new Date(until - draw(months * 24) * 86_400_000);
  return [
    { ask: 'history of an account', sql: 'SELECT * FROM graph.account_history($1)', values: () => [account()], whole: false },
    {
      ask: 'an account as of a time',
      sql: 'SELECT * FROM graph.account_as_of($1, $2, $3)',
      values: () => [scope, account(), time()],
      whole: false,
    },
    {
      ask: 'path of an account',
      sql: 'SELECT * FROM graph.account_path($1, $2)',
      values: () => [scope, account()],
      whole: false,
    },
    {
      ask: 'a subtree of 1,000 accounts',
      sql: 'SELECT * FROM graph.subtree($1, $2)',
      values: () => [scope, `ou-${draw(divisions)}`],
      whole: false,
    },
    {
      ask: 'the organization as of a time',
      sql: 'SELECT count(*), sum(length(properties::text)) FROM graph.as_of($1, $2)',
      values: () => [scope, time()],
      whole: true,
    },
    { ask: 'all organizational units', sql: 'SELECT * FROM graph.organizational_units', values: () => [], whole: true },
    { ask: 'all paths', sql: 'SELECT * FROM graph.account_paths', values: () => [], whole: true },
  ];
}
