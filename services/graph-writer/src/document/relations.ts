/** What the tables, views and functions of schema `graph` are for. */
export const relations: Readonly<Record<string, string>> = {
  entities: 'One row per key and scope; ended rows stay with `live = false`, as tombstones',
  relationships:
    'The edges as rows, each with the subject that owns it; an edge lives exactly while its owner does, in whose row of `graph.subjects` it stands',
  changes:
    'The history: the whole state after each change, with its cause, or with the sync that found it (`found_by`); kind `BASELINE` is what existed before anybody watched',
  subjects:
    'The version guard: which version of each subject is applied. With the relationships that the subject owns, as they are or last were',
  scopes: 'One row per integration; that of a removed one is closed for good',
  dead_letters: 'Records that failed for a reason of their own',
  feed_positions: 'How far the history of each scope was published to the feed',
  consumer_offsets: 'How far each partition of the bus is applied',
  accounts:
    'The live accounts: the twelve documented properties as columns, tags as one `jsonb` (NULL while never read), member status',
  admin_actions: 'What administrators did through the API of the graph writer: who, when, which',
  account_paths: 'Names and ids from the root to the parent of each live account',
  members: 'The members that are configured by themselves, with status, cause, reason and since when',
  member_transitions: 'How members came to their status: one row per change of status or cause',
  change_differences: 'What each change changed, old and new',
  inventory:
    'The rows of `graph.entities`, tombstones included, for readers: without e-mail addresses where the reader may not see them',
  history: 'The rows of `graph.changes` for readers, likewise',
  states: 'The same with each state taken apart into columns',
  organizational_units:
    'The live organizational units, with the path above them, the number of accounts directly in them and anywhere below, and tags',
  delegated_administrators: 'One row per delegated administrator and service, and since when',
  invitations: 'Invitations and other handshakes that AWS still lists',
  as_of:
    'The whole graph of a scope as it was at a time; a delegation has `relationships` and no `properties`. Before the first moment that the history keeps: an error, SQLSTATE `OT001`',
  account_as_of: 'One account, a key or twelve digits, as it was at a time',
  account_path: 'Where one account hangs, as `graph.account_paths` says of all: quick for one',
  account_history:
    'What is known of an account (twelve digits) in every scope: one row per property that changed, one per coming and going, with the event and who did it, or with the sync that found it; its delegations are part of it',
  subtree: 'What lives below a root or an organizational unit (an id or a key): itself, units and accounts, with their depth',
  history_reaches: 'True, or the error that says from when on the history is kept',
  may_read_email: 'Whether the current user sees e-mail addresses in the views: whoever may read `graph.entities` does',
  withheld: 'A text without addresses, for readers who may not see them: a session name of single sign-on is often one',
  without_email: 'The properties of an entity, likewise',
  without_principals: 'The same for the properties that name who acted',
  cause_for_reader: 'The cause of a change, likewise',
  make_reader_role: 'Makes a role of readers where it is missing; false where the user may not',
  grant_readers: 'Grants the roles of readers what they may read, where they exist; returns those that are missing',
  entities_as_of: 'The same for entities alone, sorted by key',
  relationship_key:
    'The key of a relationship as it stands in `relationships` of an entity, a subject or a state, where a key that the rest tells is left out',
  flat_state: 'A state of the history as one flat object, to be compared',
  isolate_refused: 'Of the writer: finds the records that Postgres refuses among many',
  forget_content: 'Of the writer: has rows that somebody altered by hand compared with the next record',
  forget_all_content: 'Of the writer: the same for all of them, where the table was emptied by hand',
  unexplained_change: 'Of the writer: what happened to a key, where no event explains it yet',
  refuse_foreign_rows: 'Of the writer: refuses a record that would take what another live subject owns',
};
