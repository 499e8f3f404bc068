import { readFileSync } from 'node:fs';
import { createPool, waitForDatabase } from '@orgtrail/database';
import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { CommandError } from '../exit-error.js';
import { printable } from '../output/printable.js';
import { formatTable } from '../output/table.js';
import { runQuery, type QueryAnswer } from '../sql/run-query.js';
import { findDatabase } from '../up/find-database.js';
import type { Finish } from './api-command.js';
import { atLeastOne } from './arguments.js';

interface SqlArguments {
  execute?: string;
  limit: number;
  demo?: boolean;
  dataDirectory?: string;
  json?: boolean;
}

export function addSqlCommand(program: Command, finish: Finish): void {
  program
    .command('sql [file]')
    .description('ask the graph one SELECT, read only, without psql: from a file, or the one that you give')
    .option('-e, --execute <select>', 'instead of a file')
    .option('--limit <rows>', 'at most so many rows', atLeastOne, 1000)
    .option('--demo', 'of a running `orgtrail up --demo`')
    .option('--data-directory <path>', 'of a running `orgtrail up`, when DATABASE_URL is not set')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nIt runs as orgtrail_reader where the user of DATABASE_URL may: without e-mail addresses. docs/graph.md says what there is to read.\n' +
        `The table cuts values of more than ${widestCell} characters; --json has all of them.\n` +
        'Example: orgtrail sql --demo docs/queries/01.sql',
    )
    .action(async (file: string | undefined, given: SqlArguments) => {
      const sql = askedFor(file, given);
      const pool = createPool({
        connectionString: findDatabase(given).databaseUrl,
        applicationName: 'orgtrail-sql',
        max: 1,
        statementTimeoutMs: 60_000,
      });
      try {
        await waitForDatabase(pool, { timeoutMs: 10_000, label: process.env['DATABASE_URL'] ? 'DATABASE_URL' : '`orgtrail up`' });
        const answer = await runQuery(pool, sql, given);
        process.stdout.write(given.json === true ? `${asJson(answer)}\n` : `${asTable(answer)}\n`);
        finish(exitCodes.ok);
      } finally {
        await pool.end();
      }
    });
}

function askedFor(file: string | undefined, { execute }: SqlArguments): string {
  if ((file === undefined) === (execute === undefined)) {
    throw new CommandError('Give one query: a file such as docs/queries/01.sql, or -e "SELECT …".', exitCodes.usage);
  }
  if (execute !== undefined || file === undefined) return execute ?? '';
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CommandError(`The file ${printable(file)} cannot be read: ${(cause as Error).message}`, exitCodes.usage, cause);
  }
}

function asJson({ columns, rows, hasMore }: QueryAnswer): string {
  const named = rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
  return JSON.stringify({ rows: named, hasMore }, null, 2);
}

function asTable({ columns, rows, hasMore }: QueryAnswer): string {
  const count = `(${hasMore ? 'the first ' : ''}${rows.length} ${rows.length === 1 ? 'row' : 'rows'}${hasMore ? ': --limit shows more' : ''})`;
  return `${formatTable(
    columns.map(printable),
    rows.map((row) => row.map(cell)),
  )}\n${count}`;
}

/** A tag may be longer than a screen is wide. */
const widestCell = 120;

function cell(value: unknown): string {
  if (value === null) return '';
  const text = typeof value === 'string' ? value : value instanceof Date ? value.toISOString() : JSON.stringify(value);
  const characters = Array.from(printable(text));
  return characters.length > widestCell ? `${characters.slice(0, widestCell - 1).join('')}…` : characters.join('');
}
