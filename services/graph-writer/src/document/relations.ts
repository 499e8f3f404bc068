/** What the tables, views and functions of schema `graph` are for. */
export const relations: Readonly<Record<string, string>> = {
  entities: 'One row per key and scope; ended rows stay with `live = false`, as tombstones',
  relationships:
    'The edges as rows, each with the subject that owns it; an edge lives exactly while its owner does, in whose row of `graph.subjects` it stands',
  changes:
    'The history: the whole state after each change, with its cause; kind `BASELINE` is what existed before anybody watched',
  subjects:
    'The version guard: which version of each subject is applied. With the relationships that the subject owns, as they are or last were',
  scopes: 'One row per integration; that of a removed one is closed for good',
  dead_letters: 'Records that failed for a reason of their own',
  consumer_offsets: 'How far each partition of the bus is applied',
  accounts:
    'The live accounts: the twelve documented properties as columns, tags as one `jsonb` (NULL while never read), member status',
  account_paths: 'Names and ids from the root to the parent of each live account',
  members: 'The members that are configured by themselves, with status, cause, reason and since when',
  member_transitions: 'How members came to their status: one row per change of status or cause',
  change_differences: 'What each change changed, old and new',
  entities_as_of: 'The entities of a scope, with their relationships, as they were at a time',
  flat_state: 'A state of the history as one flat object, to be compared',
  isolate_refused: 'Of the writer: finds the records that Postgres refuses among many',
  forget_content: 'Of the writer: has rows that somebody altered by hand compared with the next record',
  refuse_foreign_rows: 'Of the writer: refuses a record that would take what another live subject owns',
};
