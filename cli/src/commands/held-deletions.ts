import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { createApiClient, type ApiClient } from '../api/client.js';
import {
  approvedDeletions,
  discardedDeletions,
  heldDeletionList,
  integrationList,
  type HeldDeletionShape,
} from '../api/shapes.js';
import { CommandError } from '../exit-error.js';
import { printable } from '../output/printable.js';
import { formatTable } from '../output/table.js';
import { overApi, type ApiCommandOptions, type Finish } from './api-command.js';

interface HeldDeletionsOptions extends ApiCommandOptions {
  integration?: string;
  approve?: string[];
  discard?: string[] | true;
}

/** What became of a list that was given. */
interface Answered {
  done: string[];
  notHeld: string[];
}

const list = (text: string): string[] => text.split(',').map((one) => one.trim());

export function addHeldDeletionsCommand(program: Command, finish: Finish): void {
  overApi(
    program
      .command('held-deletions')
      .description('list accounts and OUs whose ending waits for an operator, and approve or discard those that you saw'),
  )
    .option('--integration <integration>', 'id, organization id or name; not needed while there is only one')
    .option('--approve <subject,…>', 'approve these; AWS is asked again, and only what is still not found ends', list)
    .option('--discard [subject,…]', 'drop these, or all: they live on, and the next full sync looks anew', list)
    .addHelpText('after', '\nExample: orgtrail held-deletions --approve account:111122223333,ou:ou-ab12-11111111')
    .action(async (options: HeldDeletionsOptions) => {
      const { approve, discard } = options;
      if (approve && discard) throw new CommandError('Give either --approve or --discard.', exitCodes.usage);
      const api = createApiClient(options);
      if (approve) finish(report(options, 'Approved, and asked for again', await answerInParts(api, options, approve)));
      else if (discard === true) finish(report(options, 'Discarded', await discardIn(api, options, undefined)));
      else if (discard) finish(report(options, 'Discarded', await discardIn(api, options, discard)));
      else finish(await show(api, options));
    });
}

/** The API takes so many at once. */
const mostAtOnce = 2000;

async function answerInParts(api: ApiClient, options: HeldDeletionsOptions, subjects: readonly string[]): Promise<Answered> {
  const { id } = await api.integration(options.integration);
  const all: Answered = { done: [], notHeld: [] };
  for (let start = 0; start < subjects.length; start += mostAtOnce) {
    const body = { subjects: subjects.slice(start, start + mostAtOnce) };
    const { approved, notHeld } = await api.send(
      'POST',
      `/v1/integrations/${id}/held-deletions/approve`,
      approvedDeletions,
      body,
    );
    all.done.push(...approved);
    all.notHeld.push(...notHeld);
  }
  return all;
}

async function discardIn(
  api: ApiClient,
  options: HeldDeletionsOptions,
  subjects: readonly string[] | undefined,
): Promise<Answered> {
  const { id } = await api.integration(options.integration);
  const body = subjects ? { subjects } : {};
  const answer = await api.send('POST', `/v1/integrations/${id}/held-deletions/discard`, discardedDeletions, body);
  return { done: answer.discarded, notHeld: answer.notHeld };
}

function report(options: HeldDeletionsOptions, what: string, { done, notHeld }: Answered): number {
  if (options.json === true) process.stdout.write(`${JSON.stringify({ done, notHeld }, null, 2)}\n`);
  else process.stdout.write(`${what}: ${done.join(', ') || 'none'}.\n`);
  if (notHeld.length === 0) return exitCodes.ok;
  process.stderr.write(`Not held: ${notHeld.map(printable).join(', ')}\n`);
  return exitCodes.failure;
}

/** Of one integration, or of all. */
async function show(api: ApiClient, options: HeldDeletionsOptions): Promise<number> {
  const integrations =
    options.integration === undefined
      ? (await api.send('GET', '/v1/integrations', integrationList)).integrations
      : [await api.integration(options.integration)];
  const held: (HeldDeletionShape & { integrationId: string; organizationId?: string | undefined })[] = [];
  for (const { id, organizationId } of integrations) {
    const answer = await api.send('GET', `/v1/integrations/${id}/held-deletions`, heldDeletionList);
    held.push(...answer.heldDeletions.map((one) => ({ integrationId: id, organizationId, ...one })));
  }
  process.stdout.write(`${options.json === true ? JSON.stringify(held, null, 2) : formatHeld(held)}\n`);
  return exitCodes.ok;
}

function formatHeld(held: readonly (HeldDeletionShape & { organizationId?: string | undefined })[]): string {
  if (held.length === 0) return 'No ending is held.';
  return formatTable(
    ['organization', 'subject', 'name', 'held since', 'state'],
    held.map(({ organizationId, subject, name, heldAt, approvedAt, approvedBy }) => [
      organizationId ?? '',
      subject,
      printable(name ?? ''),
      heldAt,
      approvedAt === undefined ? 'waits' : `approved by ${printable(approvedBy ?? '')}`,
    ]),
  );
}
