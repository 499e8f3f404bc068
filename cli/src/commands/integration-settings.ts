import { exitCodes } from '@orgtrail/service-runtime';
import { InvalidArgumentError, type Command } from 'commander';
import { CommandError } from '../exit-error.js';
import { overApi, type ApiCommandOptions } from './api-command.js';
import { days } from './arguments.js';

/** As typed. What is wrong in it the API says, with a right example. */
export interface SettingOptions extends ApiCommandOptions {
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

/** A command with an option for each setting of an integration. */
export function withSettings(command: Command): Command {
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

/** The settings that were given, as the API takes them. */
export function settingsOf(options: SettingOptions): Record<string, unknown> {
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
