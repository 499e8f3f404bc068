import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { z } from 'zod';
import { member, memberList, memberWithHistory } from '../api/shapes.js';
import { CommandError } from '../exit-error.js';
import { formatMember, formatMembers } from '../output/configurations.js';
import { overApi, withApi, type ApiCommandOptions, type Finish } from './api-command.js';
import { roleArn } from './arguments.js';

interface FilterOptions extends ApiCommandOptions {
  integration?: string;
  status?: string;
  ou?: string;
  text?: string;
  removed?: boolean;
}

export function addMembersCommand(program: Command, finish: Finish): void {
  const members = program.command('members').description('see the member accounts that are configured by themselves');
  const add = (name: string, description: string): Command =>
    overApi(members.command(name).description(description)).option(
      '--integration <integration>',
      'id, organization id or name; not needed while there is only one',
    );

  add('list', 'members with status, cause and since when')
    .option(
      '--status <status,…>',
      'only these: PENDING, CONNECTED, FAILED, SKIPPED, EXCLUDED, SUSPENDED, CLOSED, REMOVED, UNKNOWN',
    )
    .option('--ou <id>', 'only below this organizational unit')
    .option('--text <text>', 'only with this in the name or the account id')
    .option('--removed', 'also those that left')
    .action(async (options: FilterOptions) => {
      await withApi(options, finish, async (api) => {
        const { id } = await api.integration(options.integration);
        const { members: found } = await api.send('GET', `/v1/integrations/${id}/members${filterQuery(options)}`, memberList);
        return { answer: found, text: formatMembers };
      });
    });
  add('show <account>', 'one member, with its history').action(async (accountId: string, options: FilterOptions) => {
    await withApi(options, finish, async (api) => {
      const { id } = await api.integration(options.integration);
      const answer = await api.send('GET', memberPath(id, accountId), memberWithHistory);
      return { answer, text: formatMember };
    });
  });
  add('verify <account>', "verify the member's role now, negative checks included").action(
    async (accountId: string, options: FilterOptions) => {
      await withApi(options, finish, async (api) => {
        const { id } = await api.integration(options.integration);
        const answer = await api.send('POST', `${memberPath(id, accountId)}/verify`, z.looseObject({}));
        return { answer, text: () => `Asked for. \`orgtrail members show ${accountId}\` shows the result in a moment.` };
      });
    },
  );
  add('set-role', 'give the member a role of its own')
    .argument('<account>')
    .argument('[role-arn]', 'in that account', roleArn)
    .option('--derived', "take it away again: the management account's role name and path in the member")
    .action(async (accountId: string, given: string | undefined, options: FilterOptions & { derived?: boolean }) => {
      if ((given === undefined) === (options.derived !== true)) {
        throw new CommandError('Give either a role ARN or --derived.', exitCodes.usage);
      }
      await withApi(options, finish, async (api) => {
        const { id } = await api.integration(options.integration);
        const body = { roleArn: given ?? null };
        const answer = await api.send('PATCH', memberPath(id, accountId), member, body);
        return {
          answer,
          text: () => `Member ${accountId} is verified with its ${given === undefined ? 'derived role' : 'own role'} next.`,
        };
      });
    });
}

export function filterQuery({ status, ou, text, removed }: FilterOptions): string {
  const query = new URLSearchParams({
    ...(status === undefined ? {} : { status }),
    ...(ou === undefined ? {} : { ou }),
    ...(text === undefined ? {} : { text }),
    ...(removed === true ? { removed: 'true' } : {}),
  });
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function memberPath(integrationId: string, accountId: string): string {
  return `/v1/integrations/${integrationId}/members/${encodeURIComponent(accountId)}`;
}
