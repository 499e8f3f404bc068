import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { z } from 'zod';
import { webhookSecret, type WebhookSecretShape } from '../api/shapes.js';
import { CommandError } from '../exit-error.js';
import { integrationArgument, overApi, withApi, type ApiCommandOptions, type Finish } from './api-command.js';
import { hours } from './arguments.js';

interface Options extends ApiCommandOptions {
  overlapHours?: number;
  remove?: boolean;
}

export function addWebhookSecretCommand(integrations: Command, finish: Finish): void {
  overApi(integrations.command('webhook-secret').description('get a new secret with which EventBridge may post events'))
    .argument(...integrationArgument)
    .option('--overlap-hours <hours>', 'how long the former one stays valid (default 168; 0: it ends now)', hours)
    .option('--remove', 'no secret any more: nobody can post')
    .action(async (reference: string | undefined, options: Options) => {
      const { overlapHours, remove } = options;
      if (remove === true && overlapHours !== undefined) {
        throw new CommandError('--overlap-hours is for a new secret, --remove for none: give one of both.', exitCodes.usage);
      }
      await withApi<object>(options, finish, async (api) => {
        const { id, webhook } = await api.integration(reference);
        const path = `/v1/integrations/${id}/webhook-secret`;
        if (remove === true) {
          await api.send('DELETE', path, z.undefined());
          return {
            answer: { removed: id },
            text: () =>
              webhook === undefined
                ? 'There was no secret: every replica refuses posted events.'
                : 'Removed: within a second or two every replica refuses posted events.',
          };
        }
        const answer = await api.send('POST', path, webhookSecret, overlapHours === undefined ? {} : { overlapHours });
        return { answer: answer, text: () => whatToDo(answer) };
      });
    });
}

function whatToDo({ secret, path, header, isListening, previousValidUntil }: WebhookSecretShape): string {
  return [
    `The secret, which is not shown again: ${secret}`,
    previousValidUntil === undefined ? 'No other one is valid.' : `The former one stays valid until ${previousValidUntil}.`,
    '',
    `EventBridge has to send it in the header ${header} to https://<your host>${path}.`,
    ...(isListening === false
      ? ['No replica listens there yet: set WEBHOOK_PORT (8086, for example), or in the Helm chart discovery.webhook.enabled.']
      : []),
    'docs/webhook.md has the commands.',
  ].join('\n');
}
