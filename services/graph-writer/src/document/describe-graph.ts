import { integrationRemoved } from '../scope-changes.js';
import { endedReasons } from './ended-reasons.js';
import { relations } from './relations.js';

/** A table, view or function of schema `graph`, as PostgreSQL knows it. */
export interface Relation {
  kind: 'table' | 'view' | 'function';
  name: string;
  /** Columns of a table or view, arguments of a function, each with its type. */
  columns: readonly string[];
  /** Columns that a function returns, or its type. */
  returns?: string;
}

/** docs/graph.md, from the vocabulary and what the migrations made. Throws for a relation of which nobody has said what it is for. */
export function describeGraph(found: readonly Relation[]): string {
  return `# The graph

Schema \`graph\` of the database. Only the graph writer writes it; read it as you like. What stands in it, with types, classes, keys and every property, tells
[graph-model.md](graph-model.md).

## Who reads

Give people one of two roles: \`GRANT orgtrail_reader TO alice\`.

| role | reads |
|---|---|
| \`orgtrail_reader\` | the views and functions below, without e-mail addresses: \`email\` is NULL, \`properties\` and \`state\` lack them, and an address that is the session name of a principal reads as \`withheld\` |
| \`orgtrail_reader_pii\` | the same with the addresses, and the tables \`graph.entities\` and \`graph.changes\` |

Names and tags are what somebody typed: one that holds an address, such as a tag named \`Email\`, is shown to both. Neither reads dead letters, and neither
writes. The roles belong to the whole cluster, and the grants to each database. The writer's migration makes the roles where its user may
(\`CREATEROLE\`); where it may not, the writer says so at each start: then an administrator runs [reader-roles.sql](reader-roles.sql) in the database, again whenever
he likes. What exists is left as it is. New months of the history need no grants.

This page is generated from the migrations of the graph writer.

## Members

While \`configureOrganizationAccounts\` is on, every \`aws_account\` but the management account's carries the properties that begin with \`member\`:
[members.md](members.md) says what they mean. Switched off, they are gone with the next sync, and so are e-mail addresses.

\`tag.AccountName\` and \`tag.Production\` stand on every entity where the integration's settings want them; a tag of AWS with the same key wins.

\`relationships\` of an entity, of a subject and of a state of the history is an array of \`{type, class, fromKey, toKey}\`, with \`properties\` where there are any, and
with \`key\` where it is not \`<from key>|<class in lower case>|<to key>\`. The view \`graph.relationships\` and the [feed](feed.md) have all of it.

## What is erased, and what ends

\`orgtrail integration purge-email\` erases e-mail addresses from rows, tombstones and history; a state of the history that held one has
\`emailWithheld: true\` instead. A record that was read before the erasure cannot bring an address back, however late it comes. \`graph.dead_letters\` and
the bus keep theirs for their retention. Tags are tags: one named \`Email\` stays. So does who did it: with single sign-on the name of a principal's session is often
an address, and stands in \`cause\`, \`memberChangedBy\` and \`memberReason\`. Who reads as \`orgtrail_reader\` finds \`withheld\` there.

A removed integration's rows end with the reason \`${integrationRemoved}\`, with a row of history each, and its scope stays closed: later records are counted
and dropped. Added again, the organization has a new scope.

\`orgtrail integration purge\` deletes all of a removed integration for good: entities, history, dead letters, and in discovery its settings and whatever was
observed through it; \`--yes\` is asked for, and the number of rows is shown before. It waits for what nobody could tell afterwards: the removal has to have
reached the graph, and the feed its consumers. Where the feed is off, nothing of it is published later either. Both APIs have their part ([api.md](api.md));
a purge that is interrupted goes on by itself, and repeating it is harmless. Records and dead letters of it that come late are dropped. What stays: the row of
\`graph.scopes\`, which keeps them out and lets \`graph.as_of\` say that the history was deleted (SQLSTATE \`OT002\`), what administrators did, the records on
the bus for their retention (7 days by default; topics are not compacted), what the consumers of the feed have taken, and backups.

Whatever ends keeps its row, with the time and the reason (\`ended_reason\`):

| reason | meaning |
|---|---|
${Object.entries(endedReasons)
  .map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`)
  .join('\n')}

What AWS does not find has the reason that an event gives. An event that comes after the ending gives it later: then the history has a second row of
kind \`ENDED\`, with the event as its cause, and \`ended_at\` stays.

Whatever else a sync found before its event came gets its cause likewise, where nothing happened to it since and the event is not younger than the finding: the history has the
change a second time, of the same kind, with the same state and with the cause, and \`explained_version\` says which version that explains. \`graph.account_history\` shows both as one. A change without a cause was found by a
sync, or by a reading for another reason, and no event told of it. Which sync, \`found_by\` says (\`{"id", "kind", "startedAt"}\`; the id is that of \`discovery.full_syncs\`), also
of what was read because the sync had asked for it. It is absent where the reading followed from something else, and in rows from before Orgtrail kept it.

What existed before anybody watched has a first row of kind \`BASELINE\`, and often a second one: as it was listed, and with what was read of it afterwards, such as tags. Neither is a
change that somebody made: \`graph.account_history\` has a row for each, without properties; \`graph.change_differences\` shows what the second one brought.

## How long the history is kept

For ever, unless \`HISTORY_MONTHS\` of the graph writer or of \`orgtrail up\` says how many months before the current one are kept whole (UTC). Of older ones the last state of
each key stays, with its own version, time and cause: it is the baseline on which the kept months stand, of kind \`BASELINE\` where a row before it goes, and \`ENDED\` where the
key had ended. Everything else of them is deleted for good. \`graph.as_of\` answers for every kept time as before, and for an earlier one with an error that names the
first time of which everything is known; \`history_from\` of \`graph.scopes\` has it. Where nothing was dropped that is when the scope was first written: earlier nobody watched.

What was written in the kept months stays whole, also where its version is older: a replayed dead letter, say.

The writer looks at its start and every six hours, and believes its own clock or the database's, whichever is behind. It drops all that is due in one
transaction or nothing. Rows are read and written as ever meanwhile; only the last step keeps everybody waiting, two seconds at most before it gives way and
tries again, and then for a moment. A transaction at the level \`REPEATABLE READ\` that began before and asks afterwards does not see the baseline: begin
it with \`LOCK TABLE graph.changes IN ACCESS SHARE MODE\`.

Nothing is dropped that the [feed](feed.md) has not published: the months from the first such row on stay, and a warning says so. With \`GRAPH_FEED=off\`
that is so for an organization whose history was published in part. A backup taken before has what was deleted.

## Tables, views and functions

${['table', 'view', 'function'].flatMap((kind) => found.filter((relation) => relation.kind === kind).map(describeRelation)).join('\n\n')}

A property of an unexpected type reads as NULL in the views and never fails them.

## Questions

[queries](queries/README.md) has ten that people ask, each a file that runs as it stands: which accounts exist and where, who joined, who changed tags,
what departed and how, what an organizational unit held at a time.
`;
}

function describeRelation({ kind, name, columns, returns }: Relation): string {
  const what = relations[name];
  if (what === undefined) throw new Error(`Say in document/relations.ts what the ${kind} graph.${name} is for.`);
  const title =
    kind === 'function'
      ? `### Function \`graph.${name}(${columns.join(', ')})\``
      : `### ${kind === 'view' ? 'View' : 'Table'} \`graph.${name}\``;
  const detail =
    kind === 'function' ? `returns \`${returns ?? ''}\`` : columns.map((column) => column.replace(/^(\S+) /, '`$1` ')).join(', ');
  return `${title}\n\n${what}:\n${detail}.`;
}
