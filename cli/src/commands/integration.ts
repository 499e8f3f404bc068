import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { z } from 'zod';
import { configurationList, integration, trustPolicy } from '../api/shapes.js';
import { CommandError } from '../exit-error.js';
import { formatConfigurations, formatConfigurationTable } from '../output/configurations.js';
import { formatIntegration, formatIntegrations, whatAfterRotation, whatNext } from '../output/integrations.js';
import { integrationArgument, overApi, withApi, type ApiCommandOptions, type Finish } from './api-command.js';
import { externalId, hours } from './arguments.js';
import { addEnableEventsCommand } from './enable-events.js';
import { settingsOf, withSettings, type SettingOptions } from './integration-settings.js';
import { filterQuery } from './members.js';
import { addOnboardCommand } from './onboard.js';
import { addPurgeCommand } from './purge-integration.js';
import { addProofCommand } from './proof.js';
import { addWebhookSecretCommand } from './webhook-secret.js';

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
            `This ends everything in the graph of ${organizationId ?? 'this integration'} (${name || id}); its history stays until \`orgtrail integration purge\`. Added again it begins anew. Repeat with --yes.`,
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
  addPurgeCommand(integrations, finish);
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
