import { exitCodes } from '@orgtrail/service-runtime';
import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import { configurationList, integration, trustPolicy, type IntegrationShape } from '../api/shapes.js';
import { CommandError } from '../exit-error.js';
import { formatConfigurations, formatConfigurationTable } from '../output/configurations.js';
import { describeProgress } from '../output/describe-progress.js';
import { printable } from '../output/printable.js';
import { formatTable } from '../output/table.js';
import { integrationArgument, overApi, withApi, type ApiCommandOptions, type Finish } from './api-command.js';
import { days, externalId, hours } from './arguments.js';
import { addEnableEventsCommand } from './enable-events.js';
import { filterQuery } from './members.js';
import { addOnboardCommand } from './onboard.js';
import { addProofCommand } from './proof.js';
import { addWebhookSecretCommand } from './webhook-secret.js';

/** As typed. What is wrong in it the API says, with a right example. */
interface SettingOptions extends ApiCommandOptions {
  name?: string;
  description?: string;
  roleArn?: string;
  intermediateRoleArn?: string;
  intermediateExternalId?: string;
  configureOrganizationAccounts?: boolean;
  removeDepartedAccounts?: boolean;
  syncInterval?: string;
  tagWithAccountName?: boolean;
  tagAsProduction?: boolean;
  skipTag?: { key: string; value: string };
  skipOus?: boolean;
  includeOus?: string[];
  excludeOus?: string[];
  holdDeletionsAbove?: { accounts: number; percent: number };
  negativeCheckDays?: number;
  queueUrl?: string;
  forwardingAccountIds?: string[];
}

const list = (text: string) => (text === '' ? [] : text.split(',').map((one) => one.trim()));
const noneIsNull = (text: string) => (text === 'none' ? null : text);

function withSettings(command: Command): Command {
  return overApi(command)
    .option('--description <text>', 'free text')
    .option('--role-arn <arn>', "the management account's role; `none`: ambient credentials")
    .option('--intermediate-role-arn <arn>', 'assumed first (role chaining); `none` ends chaining')
    .option('--intermediate-external-id <id>', 'external id of that one')
    .option('--configure-organization-accounts', 'configure every member account by itself (the default)')
    .option('--no-configure-organization-accounts', 'no members, and no e-mail addresses')
    .option('--remove-departed-accounts', 'members of departed accounts disappear from the list (the default)')
    .option('--no-remove-departed-accounts', 'they stay in the list as REMOVED')
    .option('--sync-interval <interval>', 'disabled, 30m, 1h, 4h, 8h, 12h, 1d or 1w (default 1h)')
    .option('--tag-with-account-name', 'every entity gets tag.AccountName')
    .option('--no-tag-with-account-name', 'it does not (the default)')
    .option('--tag-as-production', 'every entity gets tag.Production')
    .option('--no-tag-as-production', 'it does not (the default)')
    .option('--skip-tag <key=value>', 'the tag that skips an account (default j1-integration=SKIP)', keyAndValue)
    .option('--skip-ous', 'the skip tag on an OU skips the accounts below it')
    .option('--no-skip-ous', 'it does not (the default)')
    .option('--include-ous <id,…>', 'members only below these; an empty text for all', list)
    .option('--exclude-ous <id,…>', 'no members below these; an empty text for none', list)
    .option(
      '--hold-deletions-above <accounts,percent>',
      'unannounced endings in a day above both wait for an operator (default 3,5)',
      accountsAndPercent,
    )
    .option('--negative-check-days <days>', 'how often roles are tried with wrong external ids (default 30)', days)
    .option(
      '--queue-url <url>',
      "SQS queue with the organization's events; `none`: no queue; changes come by webhook, or syncs find them",
    )
    .option('--forwarding-account-ids <id,…>', 'other accounts whose event envelopes count', list);
}

export function addIntegrationCommand(program: Command, finish: Finish): void {
  const integrations = program.command('integration').description('configure the organizations that are watched');
  const add = (name: string, description: string) => overApi(integrations.command(name).description(description));
  const post = (name: string, description: string, said: string) =>
    add(name, description)
      .argument(...integrationArgument)
      .action(async (reference: string | undefined, options: ApiCommandOptions) => {
        await withApi(options, finish, async (api) => {
          const { id } = await api.integration(reference);
          const answer = await api.send('POST', `/v1/integrations/${id}/${name}`, z.looseObject({}), {});
          return { answer, text: () => said };
        });
      });

  withSettings(integrations.command('create <name>').description('make an integration on a management account'))
    .option('--external-id <id>', 'use this one instead of a random one', externalId)
    .action(async (name: string, options: SettingOptions & { externalId?: string }) => {
      await withApi(options, finish, async (api) => {
        const body = {
          ...settingsOf(options),
          name,
          ...(options.externalId === undefined ? {} : { externalId: options.externalId }),
        };
        const answer = await api.send('POST', '/v1/integrations', integration, body);
        return { answer, text: whatNext };
      });
    });
  add('list', 'all integrations with their condition').action(async (options: ApiCommandOptions) => {
    await withApi(options, finish, async (api) => {
      const { integrations: found } = await api.send('GET', '/v1/integrations', z.object({ integrations: z.array(integration) }));
      return { answer: found, text: formatIntegrations };
    });
  });
  add('show', 'one integration with all settings')
    .argument(...integrationArgument)
    .action(async (reference: string | undefined, options: ApiCommandOptions) => {
      await withApi(options, finish, async (api) => ({ answer: await api.integration(reference), text: formatIntegration }));
    });
  withSettings(integrations.command('change').description('change settings; those not given stay'))
    .argument(...integrationArgument)
    .option('--name <name>', 'another name')
    .action(async (reference: string | undefined, options: SettingOptions) => {
      await withApi(options, finish, async (api) => {
        const { id } = await api.integration(reference);
        const answer = await api.send('PATCH', `/v1/integrations/${id}`, integration, settingsOf(options));
        return { answer, text: () => 'Changed. A full sync follows by itself.' };
      });
    });
  post('pause', 'read nothing until it is resumed', 'Paused.');
  post('resume', 'go on with a full sync', 'Resumed: a full sync follows by itself.');
  add('sync', 'do a full sync now, or a light one: accounts and tags only')
    .argument(...integrationArgument)
    .option('--light', 'a light one')
    .action(async (reference: string | undefined, options: ApiCommandOptions & { light?: boolean }) => {
      await withApi(options, finish, async (api) => {
        const { id } = await api.integration(reference);
        const body = { kind: options.light === true ? 'light' : 'full' };
        const answer = await api.send('POST', `/v1/integrations/${id}/sync`, z.looseObject({}), body);
        return { answer, text: () => 'Asked for. `orgtrail integration show` shows how far it is, and when it was last synced.' };
      });
    });
  post(
    'purge-email',
    'erase the e-mail addresses that were stored, history included',
    'Asked for: rows and history are erased as soon as the graph writer gets there.',
  );
  add('remove', 'remove an integration: everything in its graph ends')
    .argument('<integration>', 'id, organization id or name')
    .option('--yes', 'really')
    .action(async (reference: string, options: ApiCommandOptions & { yes?: boolean }) => {
      await withApi(options, finish, async (api) => {
        const { id, name, organizationId } = await api.integration(reference);
        if (options.yes !== true) {
          throw new CommandError(
            `This ends everything in the graph of ${organizationId ?? 'this integration'} (${name || id}); its history stays. Added again it begins anew. Repeat with --yes.`,
            exitCodes.usage,
          );
        }
        await api.send('DELETE', `/v1/integrations/${id}`, z.undefined());
        return { answer: { removed: id }, text: () => 'Removed.' };
      });
    });
  add('rotate-external-id', 'get a new external id; the former one stays valid during an overlap')
    .argument(...integrationArgument)
    .option('--external-id <id>', 'use this one instead of a random one', externalId)
    .option('--overlap-hours <hours>', 'how long the former one is still used (default 168)', hours)
    .action(
      async (reference: string | undefined, options: ApiCommandOptions & { externalId?: string; overlapHours?: number }) => {
        await withApi(options, finish, async (api) => {
          const { id } = await api.integration(reference);
          const { externalId: given, overlapHours } = options;
          const body = {
            ...(given === undefined ? {} : { externalId: given }),
            ...(overlapHours === undefined ? {} : { overlapHours }),
          };
          const answer = await api.send('POST', `/v1/integrations/${id}/rotate-external-id`, integration, body);
          return { answer, text: whatAfterRotation };
        });
      },
    );
  addWebhookSecretCommand(integrations, finish);
  addOnboardCommand(integrations, finish);
  addEnableEventsCommand(integrations, finish);
  addProofCommand(integrations, finish);
  add('trust-policy', 'the IAM documents for the role: whom it trusts, and what it may do')
    .argument(...integrationArgument)
    .action(async (reference: string | undefined, options: ApiCommandOptions) => {
      await withApi(options, finish, async (api) => {
        const { id } = await api.integration(reference);
        const answer = await api.send('GET', `/v1/integrations/${id}/trust-policy`, trustPolicy);
        return { answer, text: (documents) => JSON.stringify(documents, null, 2) };
      });
    });
  add('configurations', 'the management account and its members as a tree, with status and assets')
    .argument(...integrationArgument)
    .option('--flat', 'as a table')
    .option('--status <status,…>', 'only members with these')
    .option('--ou <id>', 'only below this organizational unit')
    .option('--text <text>', 'only with this in the name or the account id')
    .action(
      async (
        reference: string | undefined,
        options: ApiCommandOptions & { flat?: boolean; status?: string; ou?: string; text?: string },
      ) => {
        await withApi(options, finish, async (api) => {
          const { id } = await api.integration(reference);
          const answer = await api.send('GET', `/v1/integrations/${id}/configurations${filterQuery(options)}`, configurationList);
          return { answer, text: options.flat === true ? formatConfigurationTable : formatConfigurations };
        });
      },
    );
}

/** Only what was given. */
function settingsOf(options: SettingOptions): Record<string, unknown> {
  const { intermediateRoleArn, intermediateExternalId } = options;
  if (intermediateExternalId !== undefined && intermediateRoleArn === undefined) {
    throw new CommandError('--intermediate-external-id belongs to --intermediate-role-arn: give both.', exitCodes.usage);
  }
  const given = {
    name: options.name,
    description: options.description,
    roleArn: options.roleArn === undefined ? undefined : noneIsNull(options.roleArn),
    intermediateRole:
      intermediateRoleArn === undefined
        ? undefined
        : intermediateRoleArn === 'none'
          ? null
          : {
              roleArn: intermediateRoleArn,
              ...(intermediateExternalId === undefined ? {} : { externalId: intermediateExternalId }),
            },
    configureOrganizationAccounts: options.configureOrganizationAccounts,
    removeDepartedAccounts: options.removeDepartedAccounts,
    syncInterval: options.syncInterval,
    tagWithAccountName: options.tagWithAccountName,
    tagAsProduction: options.tagAsProduction,
    skipTag: options.skipTag,
    skipOrganizationalUnits: options.skipOus,
    includeOrganizationalUnits: options.includeOus,
    excludeOrganizationalUnits: options.excludeOus,
    holdDeletionsAbove: options.holdDeletionsAbove,
    negativeCheckDays: options.negativeCheckDays,
    queueUrl: options.queueUrl === undefined ? undefined : noneIsNull(options.queueUrl),
    forwardingAccountIds: options.forwardingAccountIds,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function accountsAndPercent(text: string): { accounts: number; percent: number } {
  const [accounts, percent, ...more] = text.split(',').map(Number);
  if (accounts === undefined || percent === undefined || more.length > 0 || Number.isNaN(accounts + percent)) {
    throw new InvalidArgumentError('Expected a number of accounts and a percentage, for example 3,5.');
  }
  return { accounts, percent };
}

function keyAndValue(text: string): { key: string; value: string } {
  const separator = text.lastIndexOf('=');
  if (separator < 1) throw new InvalidArgumentError('Expected key=value, for example j1-integration=SKIP.');
  return { key: text.slice(0, separator), value: text.slice(separator + 1) };
}

function whatNext({ id, externalId: id2 }: IntegrationShape): string {
  return [
    `Integration ${id} is made. Its external id: ${id2 ?? '(none)'}`,
    '',
    'Next: connect the organization, in one of four ways, with every value filled in:',
    `  orgtrail integration onboard cloudformation ${id}      (or console, cli, terraform)`,
    'Orgtrail tries again by itself every minute; then',
    '  orgtrail members list',
    'shows which accounts are connected.',
  ].join('\n');
}

function whatAfterRotation({ externalId: current, previousExternalId }: IntegrationShape): string {
  return [
    `The new external id: ${current ?? '(none)'}`,
    previousExternalId === undefined
      ? 'The former one is not used any more, and roles must refuse it.'
      : `The former one is used where the new one is refused until ${previousExternalId.validUntil}; afterwards roles must refuse it.`,
    'Put the new one into the trust policies: `orgtrail integration onboard` has both in its templates and commands.',
  ].join('\n');
}

function formatIntegrations(found: readonly IntegrationShape[]): string {
  if (found.length === 0) return 'No integration yet: make one with `orgtrail integration create`.';
  return formatTable(
    ['id', 'name', 'organization', 'condition', 'last sync'],
    found.map(({ id, name, organizationId, condition, lastFullSyncAt }) => [
      id,
      printable(name),
      organizationId ?? '',
      condition.cause === undefined ? condition.code : `${condition.code} ${condition.cause}`,
      lastFullSyncAt ?? 'never',
    ]),
  );
}

function describeBacklog({ due, waiting, stuck, expectedSeconds }: NonNullable<IntegrationShape['backlog']>): string {
  const failing = stuck === 0 ? '' : `, ${stuck} of them failing`;
  return `${due} to be read, ${waiting} to be confirmed later${failing}${due === 0 ? '' : `; about ${expectedSeconds} s at our share of AWS's rates`}`;
}

function formatIntegration({ condition, sync, backlog, ...rest }: IntegrationShape): string {
  const shown: [string, unknown][] = [
    ['condition', `${condition.code}${condition.cause === undefined ? '' : ` ${condition.cause}`} since ${condition.since}`],
    ['', condition.message],
    ...(sync?.running ? [['sync', `${sync.running.kind}, ${describeProgress(sync.running)}`] as [string, unknown]] : []),
    ...(backlog ? [['backlog', describeBacklog(backlog)] as [string, unknown]] : []),
    ...Object.entries(rest),
  ];
  return shown
    .map(([name, value]) => `${name.padEnd(31)}${printable(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join('\n');
}
