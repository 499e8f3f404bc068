/** A question that people ask the graph, and the SELECT that answers it. `<scope>` stands for an integration's id. */
export interface Question {
  ask: string;
  sql: string;
}

/** Shown in docs/graph.md, and run by its test. */
export const questions: readonly Question[] = [
  {
    ask: 'Where is everything?',
    sql: `SELECT a.account_id, a.name, a.status, p.path FROM graph.accounts a JOIN graph.account_paths p USING (scope, key) ORDER BY p.path;`,
  },
  {
    ask: 'Who changed what, lately?',
    sql: `SELECT at, key, property, old, new FROM graph.change_differences WHERE kind <> 'BASELINE' ORDER BY version DESC LIMIT 20;`,
  },
  {
    ask: 'By which event, and who was it?',
    sql: `SELECT at, kind, cause->>'eventName' AS event, cause->>'principalArn' AS who FROM graph.changes WHERE kind <> 'BASELINE' ORDER BY version DESC LIMIT 20;`,
  },
  {
    ask: 'Which accounts are not connected, why, and since when?',
    sql: `SELECT account_id, display_name, status, cause, reason, since FROM graph.members WHERE status <> 'CONNECTED' ORDER BY since;`,
  },
  {
    ask: 'And how did they come to it?',
    sql: `SELECT at, account_id, from_status, to_status, cause, changed_by FROM graph.member_transitions ORDER BY version DESC LIMIT 20;`,
  },
  {
    ask: 'Which accounts are tagged to be skipped?',
    sql: `SELECT account_id, name FROM graph.accounts WHERE tags->>'j1-integration' = 'SKIP';`,
  },
  {
    ask: 'What did the organization look like yesterday?',
    sql: `SELECT * FROM graph.entities_as_of('<scope>', now() - interval '1 day');`,
  },
];
