import { createInterface } from 'node:readline/promises';
import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import type { z } from 'zod';
import { createApiClient, type ApiClient } from '../api/client.js';
import {
  deadLetter,
  deadLetterActions,
  deadLetterList,
  discardedDeadLetters,
  replayedDeadLetters,
  type DeadLetterShape,
} from '../api/dead-letter-shapes.js';
import { CommandError } from '../exit-error.js';
import { printable } from '../output/printable.js';
import { formatTable } from '../output/table.js';
import { graphWriter, overApi, withApi, type ApiCommandOptions, type Finish } from './api-command.js';

interface ListOptions extends ApiCommandOptions {
  state?: string;
  code?: string;
  topic?: string;
  key?: string;
  since?: string;
  before?: string;
  limit?: string;
}

interface ResolveOptions extends ApiCommandOptions {
  code?: string;
  all?: boolean;
  yes?: boolean;
}

export function addDeadLettersCommand(program: Command, finish: Finish): void {
  const group = program
    .command('dead-letters')
    .description('records that failed for a reason of their own: list them, show one, replay or discard them');

  over(group.command('list', { isDefault: true }).description('list them, the newest first; what they hold is not shown'))
    .option('--state <state>', 'open, resolved or all (default: open)')
    .option('--code <code>', 'why they failed, for example CONTRACT_VIOLATION')
    .option('--topic <topic>', 'where the record stands')
    .option('--key <key>', 'key of the record: the id of the integration')
    .option('--since <time>', 'failed then or later, for example 2026-11-26T12:00:00Z')
    .option('--before <id>', 'older than this one, for what did not fit')
    .option('--limit <count>', 'at most so many (default: 100, at most 1000)')
    .action(async (options: ListOptions) => {
      await withApi(graphWriter(options), finish, async (api) => {
        const { state, code, topic, key, since, before, limit } = options;
        const query = queryOf({ state, code, topic, key, since, before, limit });
        return { answer: await api.send('GET', `/v1/dead-letters${query}`, deadLetterList), text: formatList };
      });
    });

  over(
    group
      .command('show <id>')
      .description('show one: cause, position, and the structure of its record without names, addresses and tags'),
  ).action(async (id: string, options: ApiCommandOptions) => {
    await withApi(graphWriter(options), finish, async (api) => ({
      answer: await api.send('GET', `/v1/dead-letters/${encodeURIComponent(id)}`, deadLetter),
      text: (letter) => JSON.stringify(letter, null, 2),
    }));
  });

  for (const { name, description, act } of [
    {
      name: 'replay',
      description: 'publish records to their topics once more, after what refused them was mended; newer state stays',
      act: async (api: ApiClient, body: object) => {
        const { replayed, notOpen } = await api.send('POST', '/v1/dead-letters/replay', replayedDeadLetters, body);
        return { said: 'Replayed', done: replayed, notOpen };
      },
    },
    {
      name: 'discard',
      description: 'drop records for good: nobody waits for them any more',
      act: async (api: ApiClient, body: object) => {
        const { discarded, notOpen } = await api.send('POST', '/v1/dead-letters/discard', discardedDeadLetters, body);
        return { said: 'Discarded', done: discarded, notOpen };
      },
    },
  ]) {
    over(group.command(`${name} [id...]`).description(description))
      .option('--code <code>', 'all that are open with this code')
      .option('--all', 'all that are open')
      .option('--yes', 'do not ask')
      .addHelpText('after', `\nExample: orgtrail dead-letters ${name} --code SQLSTATE_23514`)
      .action(async (ids: string[], options: ResolveOptions) => {
        const api = createApiClient(graphWriter(options));
        const body = chosen(ids, options);
        await confirm(api, name, options);
        finish(report(options, await act(api, body)));
      });
  }

  over(group.command('actions').description('what administrators did with dead letters, and what they purged')).action(
    async (options: ApiCommandOptions) => {
      await withApi(graphWriter(options), finish, async (api) => ({
        answer: await api.send('GET', '/v1/dead-letter-actions', deadLetterActions),
        text: formatActions,
      }));
    },
  );
}

function over(command: Command): Command {
  return overApi(command).addHelpText(
    'after',
    '\nThe API is that of the graph writer: --url, else ORGTRAIL_GRAPH_WRITER_URL, else ORGTRAIL_URL, else a running `orgtrail up`.',
  );
}

function queryOf(filters: Record<string, string | undefined>): string {
  const query = new URLSearchParams(
    Object.entries(filters).filter((filter): filter is [string, string] => filter[1] !== undefined),
  ).toString();
  return query === '' ? '' : `?${query}`;
}

function chosen(ids: readonly string[], { code, all }: ResolveOptions): object {
  const ways = [ids.length > 0, code !== undefined, all === true].filter(Boolean).length;
  if (ways !== 1) {
    throw new CommandError('Say which: numbers as the list shows them, or --code <code>, or --all.', exitCodes.usage);
  }
  if (ids.length > 0) return { ids };
  return code === undefined ? { all: true } : { code };
}

/** Numbers were typed one by one. A code, or all, may be more than somebody thinks. */
async function confirm(api: ApiClient, name: string, { code, all, yes }: ResolveOptions): Promise<void> {
  if (yes === true || (code === undefined && all !== true)) return;
  const { deadLetters, hasMore } = await api.send('GET', `/v1/dead-letters${queryOf({ code, limit: '1000' })}`, deadLetterList);
  if (deadLetters.length === 0) return;
  const count = `${hasMore ? 'more than ' : ''}${deadLetters.length}`;
  if (!process.stdin.isTTY) throw new CommandError(`This would ${name} ${count} dead letters. Say --yes.`, exitCodes.usage);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${name} ${count} dead letters? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was done.', exitCodes.failure);
}

function report({ json }: ResolveOptions, { said, done, notOpen }: { said: string; done: string[]; notOpen: string[] }): number {
  if (json === true) process.stdout.write(`${JSON.stringify({ [said.toLowerCase()]: done, notOpen }, null, 2)}\n`);
  else process.stdout.write(`${said}: ${done.length === 0 ? 'none' : `${done.length} (${shortList(done)})`}.\n`);
  if (notOpen.length > 0)
    process.stderr.write(`Not open, or being resolved by somebody else: ${notOpen.map(printable).join(', ')}\n`);
  return notOpen.length === 0 ? exitCodes.ok : exitCodes.failure;
}

const shortList = (ids: readonly string[]): string => `${ids.slice(0, 20).join(', ')}${ids.length > 20 ? ', …' : ''}`;

function formatActions({ actions }: z.infer<typeof deadLetterActions>): string {
  if (actions.length === 0) return 'Nobody did anything.';
  return formatTable(
    ['at', 'who', 'action', 'which'],
    actions.map(({ at, who, action, detail }) => [at, printable(who), printable(action), printable(JSON.stringify(detail))]),
  );
}

function formatList({ deadLetters, hasMore }: { deadLetters: DeadLetterShape[]; hasMore: boolean }): string {
  if (deadLetters.length === 0) return 'There is no such dead letter.';
  const table = formatTable(
    ['id', 'failed at', 'code', 'message', 'record', 'integration', 'state'],
    deadLetters.map((letter) => [
      letter.id,
      letter.failedAt,
      printable(letter.code),
      printable(letter.message),
      printable(`${letter.topic}/${letter.partition}@${letter.offset}`),
      printable(letter.recordKey ?? ''),
      stateOf(letter),
    ]),
  );
  return hasMore ? `${table}\nThere are more: --before ${deadLetters.at(-1)?.id ?? ''}` : table;
}

function stateOf({ resolvedAt, resolution, resolvedBy, replayOf }: DeadLetterShape): string {
  const again = replayOf === null ? '' : `, a replay of ${replayOf}`;
  if (resolvedAt === null) return `open${again}`;
  return `${(resolution ?? 'resolved').toLowerCase()} ${resolvedAt}${resolvedBy === null ? '' : ` by ${printable(resolvedBy)}`}${again}`;
}
