import {
  createEventPathWriter,
  describeStep,
  isEventQueue,
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
  replaceQueue?: boolean;
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
    .option('--replace-queue', 'also where the integration reads another queue: from then on it reads the one of this command')
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
  const before = found.queueUrl ?? undefined;
  const readsOurs = before !== undefined && isEventQueue(before, { region: regionOf(found), accountId: managementAccountId });
  const other = readsOurs ? undefined : before;
  if (!undo && other !== undefined && options.replaceQueue !== true) throw readsAnother(found, other);

  const { forwardingAccountIds } = found;
  const wanted = { managementAccountId, integrationId: found.id };
  const plan = undo
    ? await writer.planUndo(wanted)
    : await writer.plan({ ...wanted, ...(forwardingAccountIds === undefined ? {} : { forwardingAccountIds }) });
  if (plan.refusals.length > 0) throw refused(plan);
  // Nobody is to read a queue that is about to be deleted, nor one that nothing fills.
  const unplugs = undo && readsOurs && plan.stopsEvents;
  const tells = unplugs || (!undo && (plan.queueUrl === undefined ? !readsOurs : plan.queueUrl !== before));
  const answer = (changed: boolean, queueUrl: string | undefined) => ({
    answer: { changed, ...(queueUrl === undefined ? {} : { queueUrl }), ...describePlan(plan) },
  });
  const planned = () =>
    [formatPlan(plan), ...(tells ? [`Then Orgtrail reads ${undo ? 'no queue' : 'that queue'}.`] : [])].join('\n');
  if (options.dryRun === true) return { ...answer(false, plan.queueUrl), text: planned };
  const changes = plan.steps.length > 0 || tells;
  if (changes && options.yes !== true) {
    // The plan is what was asked for; only that it was not carried out is the error.
    const { answer: shown } = answer(false, plan.queueUrl);
    process.stdout.write(`${options.json === true ? JSON.stringify(shown, null, 2) : planned()}\n`);
    throw new CommandError('Nothing was done. Repeat with --yes to do it.', exitCodes.usage);
  }

  if (unplugs) await setQueue(api, found, null);
  const after = await writer.apply(plan, (step) => talk.line(printable(describeStep(step, plan.region).text)));
  const queueUrl = undo ? undefined : after;
  if (queueUrl !== undefined && queueUrl !== before) await setQueue(api, found, queueUrl);
  return { ...answer(changes, queueUrl), text: () => outcome(plan, { undo, queueUrl, before, other }) };
}

function refused({ refusals }: EventPathPlan): CommandError {
  const text = ['Events can not be enabled for this integration, and nothing was done:', ...refusals].map(printable).join('\n');
  return new CommandError(text, exitCodes.failure);
}

/** The role's policy names the queue that the integration reads, and no other. */
function readsAnother({ id }: IntegrationShape, queueUrl: string): CommandError {
  return new CommandError(
    `The integration reads ${queueUrl}, and this command would make it read another queue, which its role may not read yet. Where that is what you want, repeat with --replace-queue; otherwise see with \`orgtrail doctor ${id}\` what keeps events away from that queue.`,
    exitCodes.failure,
  );
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
  it: { undo: boolean; queueUrl: string | undefined; before: string | undefined; other: string | undefined },
): string {
  const { undo, queueUrl, before, other } = it;
  const done = steps.length === 0 ? 'Nothing was left to do.' : undo ? 'Undone.' : 'Done.';
  return [
    done,
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...left.map((stays) => `Stays: ${stays}`),
    ...(queueUrl === undefined
      ? []
      : [queueUrl === before ? `Orgtrail reads ${queueUrl}.` : `Orgtrail reads ${queueUrl} from now on.`]),
    ...(undo || other === undefined
      ? []
      : [
          `It no longer reads ${other}, the only queue that its role may read. Bring the role up to date by what made it: \`orgtrail integration onboard\` has it with the new queue.`,
        ]),
  ]
    .map(printable)
    .join('\n');
}
