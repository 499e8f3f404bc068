import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import type { z } from 'zod';
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
  /** Of what was discarded, what somebody had approved. */
  approvalsTakenBack?: { subject: string; approvedBy: string }[];
  notHeld: string[];
  /** Sent in vain, or not at all, since the API failed. */
  unanswered?: string[];
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
    .option(
      '--discard [subject,…]',
      'drop these, or all, approved ones too: they live on, and the next full sync looks anew',
      list,
    )
    .addHelpText('after', '\nExample: orgtrail held-deletions --approve account:111122223333,ou:ou-ab12-11111111')
    .action(async (options: HeldDeletionsOptions) => {
      const { approve, discard } = options;
      if (approve && discard) throw new CommandError('Give either --approve or --discard.', exitCodes.usage);
      const api = createApiClient(options);
      if (approve) finish(await answer(api, options, { verdict: approval, subjects: approve }));
      else if (discard)
        finish(await answer(api, options, { verdict: dismissal, subjects: discard === true ? undefined : discard }));
      else finish(await show(api, options));
    });
}

interface Verdict {
  path: 'approve' | 'discard';
  said: string;
  schema: z.ZodType<Answered>;
}

const approval: Verdict = {
  path: 'approve',
  said: 'Approved; AWS is asked twice more, about half a minute apart, and what is still not found ends',
  schema: approvedDeletions.transform(({ approved, notHeld }) => ({ done: approved, notHeld })),
};
const dismissal: Verdict = {
  path: 'discard',
  said: 'Discarded',
  schema: discardedDeletions.transform(({ discarded, ...answered }) => ({ done: discarded, ...answered })),
};

/** The API takes so many at once. */
const mostAtOnce = 2000;

/** Without subjects: about all that are held. When the API fails midway, what it did before is told first. */
async function answer(
  api: ApiClient,
  options: HeldDeletionsOptions,
  { verdict, subjects }: { verdict: Verdict; subjects: readonly string[] | undefined },
): Promise<number> {
  const { id } = await api.integration(options.integration);
  const path = `/v1/integrations/${id}/held-deletions/${verdict.path}`;
  if (subjects === undefined) return report(options, verdict, await api.send('POST', path, verdict.schema, {}));
  const all: Answered = { done: [], notHeld: [] };
  for (let start = 0; start < subjects.length; start += mostAtOnce) {
    const part = { subjects: subjects.slice(start, start + mostAtOnce) };
    const { done, notHeld, approvalsTakenBack } = await api.send('POST', path, verdict.schema, part).catch((error: unknown) => {
      if (start > 0) report(options, verdict, { ...all, unanswered: subjects.slice(start) });
      throw error;
    });
    all.done.push(...done);
    all.notHeld.push(...notHeld);
    if (approvalsTakenBack) all.approvalsTakenBack = [...(all.approvalsTakenBack ?? []), ...approvalsTakenBack];
  }
  return report(options, verdict, all);
}

function report(options: HeldDeletionsOptions, { said }: Verdict, answered: Answered): number {
  const { done, approvalsTakenBack = [], notHeld, unanswered = [] } = answered;
  if (options.json === true) process.stdout.write(`${JSON.stringify(answered, null, 2)}\n`);
  else process.stdout.write(`${said}: ${done.join(', ') || 'none'}.\n`);
  if (approvalsTakenBack.length > 0) {
    const taken = approvalsTakenBack.map(({ subject, approvedBy }) => `${subject} (by ${printable(approvedBy)})`);
    process.stderr.write(`Approvals that were taken back with it: ${taken.join(', ')}\n`);
  }
  if (notHeld.length > 0) process.stderr.write(`Not held: ${notHeld.map(printable).join(', ')}\n`);
  if (unanswered.length > 0)
    process.stderr.write(`Without an answer, to be given again: ${unanswered.map(printable).join(', ')}\n`);
  return notHeld.length === 0 ? exitCodes.ok : exitCodes.failure;
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
      approvedAt === undefined ? 'waits' : `approved by ${printable(approvedBy ?? '')}, AWS is asked twice more`,
    ]),
  );
}
