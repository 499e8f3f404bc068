import {
  createEventPathWriter,
  describeStep,
  organizationsRegion,
  type EventPathPlan,
  type EventPathWriter,
} from '@orgtrail/aws';
import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import type { ApiClient } from '../api/client.js';
import { integration, type IntegrationShape } from '../api/shapes.js';
import { CommandError } from '../exit-error.js';
import { printable } from '../output/printable.js';
import { createTalk } from '../output/talk.js';
import { simulatedAws } from '../up/simulated-aws.js';
import { integrationArgument, overApi, withApi, type ApiCommandOptions, type Finish } from './api-command.js';

interface EnableEventsOptions extends ApiCommandOptions {
  dryRun?: boolean;
  undo?: boolean;
  yes?: boolean;
}

/** `orgtrail integration enable-events`: the only command that changes anything in AWS, and only with the credentials of who runs it. */
export function addEnableEventsCommand(integrations: Command, finish: Finish): void {
  overApi(
    integrations
      .command('enable-events')
      .description(
        'make the rule and the queue that bring changes within seconds, with the AWS credentials at hand (AWS_PROFILE, …)',
      ),
  )
    .argument(...integrationArgument)
    .option('--dry-run', 'only say what would be done, with the commands of the AWS CLI')
    .option('--undo', 'remove what this command made')
    .option('--yes', 'do it')
    .addHelpText('after', '\n`orgtrail integration trust-policy` shows under operatorPermissions which permissions this needs.')
    .action(async (reference: string | undefined, options: EnableEventsOptions) => {
      await withApi(options, finish, async (api) => {
        const found = await api.integration(reference);
        const writer = createEventPathWriter({ region: regionOf(found), ...simulatedAws(options) });
        try {
          return await enableEvents({ api, found, writer, options });
        } finally {
          writer.destroy();
        }
      });
    });
}

async function enableEvents(it: {
  api: ApiClient;
  found: IntegrationShape;
  writer: EventPathWriter;
  options: EnableEventsOptions;
}) {
  const { api, found, writer, options } = it;
  const talk = createTalk(options.json === true ? process.stderr : process.stdout);
  const managementAccountId = managementAccountOf(found);
  const undo = options.undo === true;
  const plan = undo
    ? await writer.planUndo({ managementAccountId })
    : await writer.plan({ managementAccountId, forwardingAccountIds: found.forwardingAccountIds ?? [] });
  const answer = (changed: boolean, queueUrl: string | undefined) => ({
    answer: { changed, ...(queueUrl === undefined ? {} : { queueUrl }), ...describePlan(plan) },
  });
  if (options.dryRun === true) return { ...answer(false, plan.queueUrl), text: () => formatPlan(plan) };
  if (plan.steps.length > 0 && options.yes !== true) {
    throw new CommandError(`${formatPlan(plan)}\n\nNothing was done. Repeat with --yes to do it.`, exitCodes.usage);
  }

  const before = await writer.queueUrl();
  // Nobody is to read a queue that is about to be deleted.
  if (undo && before !== undefined && found.queueUrl === before) await setQueue(api, found, null);
  await writer.apply(plan, (step) => talk.line(printable(describeStep(step, plan.region).text)));
  const queueUrl = undo ? undefined : await writer.queueUrl();
  if (queueUrl !== undefined && found.queueUrl !== queueUrl) await setQueue(api, found, queueUrl);
  return { ...answer(plan.steps.length > 0, queueUrl), text: () => outcome(plan, { undo, queueUrl, before: found.queueUrl }) };
}

async function setQueue(api: ApiClient, { id }: IntegrationShape, queueUrl: string | null): Promise<void> {
  await api.send('PATCH', `/v1/integrations/${id}`, integration, { queueUrl });
}

function managementAccountOf({ id, managementAccountId, roleArn }: IntegrationShape): string {
  const accountId = managementAccountId ?? roleArn?.split(':')[4];
  if (accountId !== undefined) return accountId;
  throw new CommandError(
    `The management account of this integration is not known yet. Tell its role: \`orgtrail integration change ${id} --role-arn arn:…\`.`,
    exitCodes.failure,
  );
}

function regionOf({ partition, roleArn }: IntegrationShape): string {
  return organizationsRegion(partition ?? roleArn?.split(':')[1] ?? 'aws');
}

function describePlan({ region, steps, warnings, left }: EventPathPlan) {
  return { steps: steps.map((step) => describeStep(step, region)), warnings, left };
}

function formatPlan(plan: EventPathPlan): string {
  const { steps, warnings, left } = describePlan(plan);
  return [
    ...(steps.length === 0 ? ['Nothing is left to do.'] : []),
    ...steps.flatMap(({ text, command }, index) => [`${index + 1}. ${text}`, `   ${command}`]),
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...left.map((stays) => `Stays: ${stays}`),
  ]
    .map(printable)
    .join('\n');
}

function outcome(
  { steps, warnings, left }: EventPathPlan,
  { undo, queueUrl, before }: { undo: boolean; queueUrl: string | undefined; before: string | null | undefined },
): string {
  const done = steps.length === 0 ? 'Nothing was left to do.' : undo ? 'Undone.' : 'Done.';
  return [
    done,
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...left.map((stays) => `Stays: ${stays}`),
    ...(queueUrl === undefined
      ? []
      : [
          queueUrl === before
            ? `Orgtrail reads ${queueUrl}.`
            : `Orgtrail reads ${queueUrl} from now on${typeof before === 'string' ? `, and no longer ${before}` : ''}.`,
        ]),
  ]
    .map(printable)
    .join('\n');
}
