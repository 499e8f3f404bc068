import { setTimeout as delay } from 'node:timers/promises';
import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, type ApiClient } from '../api/client.js';
import { heldScope, removedIntegrationList, type HeldScopeShape, type RemovedIntegrationShape } from '../api/scope-shapes.js';
import { integrationList } from '../api/shapes.js';
import { CommandError } from '../exit-error.js';
import { printable } from '../output/printable.js';
import { formatTable } from '../output/table.js';
import { graphWriter, overApi, type ApiCommandOptions, type Finish } from './api-command.js';

interface PurgeOptions extends ApiCommandOptions {
  yes?: boolean;
  graphWriterUrl?: string;
}

const lookEveryMs = 1_000;
/** So long the bus keeps records by default: afterwards nothing of a removed integration can come any more. */
const longestOnTheWayMs = 7 * 24 * 60 * 60 * 1000;

export function addPurgeCommand(integrations: Command, finish: Finish): void {
  overApi(integrations.command('list-removed').description('integrations that were removed and not purged')).action(
    async (options: ApiCommandOptions) => {
      const found = await removedOnes(createApiClient(options));
      process.stdout.write(`${options.json === true ? JSON.stringify(found, null, 2) : formatRemoved(found)}\n`);
      finish(exitCodes.ok);
    },
  );
  overApi(
    integrations
      .command('purge')
      .description('delete all of a removed integration for good: its graph, its history, its settings')
      .argument('<integration>', 'id, organization id or name, as `orgtrail integration list-removed` shows it'),
  )
    .option('--graph-writer-url <url>', "of the graph writer's API, where it is another (default: ORGTRAIL_GRAPH_WRITER_URL)")
    .option('--yes', 'really')
    .addHelpText('after', '\nRepeating it is harmless: what was interrupted goes on, and what is gone is gone.')
    .action(async (reference: string, options: PurgeOptions) => {
      const discovery = createApiClient(options);
      const { graphWriterUrl } = options;
      const graph = createApiClient(graphWriterUrl === undefined ? graphWriter(options) : { ...options, url: graphWriterUrl });
      const purged = await purge({ discovery, graph, reference, really: options.yes === true });
      process.stdout.write(`${options.json === true ? JSON.stringify(purged, null, 2) : formatPurged(purged)}\n`);
      finish(exitCodes.ok);
    });
}

interface Purged {
  id: string;
  /** What there was when it began; null where the graph never knew the integration. */
  rows: HeldScopeShape['rows'] | null;
}

async function purge(given: { discovery: ApiClient; graph: ApiClient; reference: string; really: boolean }): Promise<Purged> {
  const { discovery, graph, reference, really } = given;
  const known = await findRemoved(discovery, reference);
  const id = known?.id ?? reference;
  const held = await heldBy(graph, id);
  if (known === undefined && held === undefined) throw noSuch(reference);
  if (known !== undefined && held === undefined && mayStillCome(known, Date.now())) throw tooEarly(known);
  if (!really) {
    throw new CommandError(
      `This deletes for good: ${describe(held?.rows ?? null)}, and the settings of ${nameOf(known, id)}. Nothing brings it back. Repeat with --yes.`,
      exitCodes.usage,
    );
  }
  if (held !== undefined) await purgeGraph(graph, id);
  // Last: as long as anything is left it can be found by its name.
  if (known !== undefined) await discovery.send('DELETE', `/v1/removed-integrations/${id}`, z.undefined());
  return { id, rows: held?.rows ?? null };
}

/** The graph was told of it and has not heard: forgotten now, it would come to the graph afterwards, and nobody would purge it. */
function mayStillCome({ announced, removedAt }: RemovedIntegrationShape, now: number): boolean {
  return announced && removedAt !== undefined && now - Date.parse(removedAt) < longestOnTheWayMs;
}

function tooEarly(known: RemovedIntegrationShape): CommandError {
  return new CommandError(
    `The graph has not heard of ${nameOf(known, known.id)} yet: what was read is still on its way, or the tables of the graph were made anew. Nothing was deleted. Ask again in a minute; seven days after its removal nothing can come any more, and it is purged without.`,
    exitCodes.failure,
  );
}

async function purgeGraph(graph: ApiClient, id: string): Promise<void> {
  let held = await graph.send('POST', `/v1/scopes/${id}/purge`, heldScope);
  while (held.purgedAt === null) {
    process.stderr.write(`Being deleted: ${describe(held.rows)} left\n`);
    await delay(lookEveryMs);
    held = await graph.send('GET', `/v1/scopes/${id}`, heldScope);
  }
}

async function findRemoved(discovery: ApiClient, reference: string): Promise<RemovedIntegrationShape | undefined> {
  const matches = (one: { id: string; name: string; organizationId?: string | undefined }): boolean =>
    reference !== '' && [one.id, one.organizationId, one.name].includes(reference);
  const found = (await removedOnes(discovery)).filter(matches);
  if (found.length > 1) {
    throw new CommandError(
      `Several removed integrations are "${printable(reference)}". Say which, by its id:\n${formatRemoved(found)}`,
      exitCodes.usage,
    );
  }
  if (found[0]) return found[0];
  const { integrations } = await discovery.send('GET', '/v1/integrations', integrationList);
  if (integrations.some(matches)) {
    throw new CommandError(
      `"${printable(reference)}" is not removed. First \`orgtrail integration remove\`: that ends everything in its graph.`,
      exitCodes.failure,
    );
  }
  if (z.uuid().safeParse(reference).success) return undefined;
  throw noSuch(reference);
}

function noSuch(reference: string): CommandError {
  return new CommandError(
    `There is no removed integration "${printable(reference)}": \`orgtrail integration list-removed\` shows them.`,
    exitCodes.usage,
  );
}

async function removedOnes(discovery: ApiClient): Promise<RemovedIntegrationShape[]> {
  return (await discovery.send('GET', '/v1/removed-integrations', removedIntegrationList)).integrations;
}

async function heldBy(graph: ApiClient, id: string): Promise<HeldScopeShape | undefined> {
  try {
    return await graph.send('GET', `/v1/scopes/${id}`, heldScope);
  } catch (error) {
    if (error instanceof CommandError && error.status === 404) return undefined;
    throw error;
  }
}

const nameOf = (known: RemovedIntegrationShape | undefined, id: string): string =>
  [known && printable(known.name), known?.organizationId, id].filter((part) => part !== undefined && part !== '').join(', ');

function describe(rows: HeldScopeShape['rows'] | null): string {
  if (rows === null) return 'nothing in the graph, which never knew it';
  const { entities, subjects, history, deadLetters } = rows;
  return `${entities} entities, ${subjects} subjects, ${history} rows of history, ${deadLetters} dead letters`;
}

const formatPurged = ({ id, rows }: Purged): string => `Purged ${id}: ${describe(rows)}.`;

function formatRemoved(found: readonly RemovedIntegrationShape[]): string {
  if (found.length === 0) return 'No removed integration is kept.';
  return formatTable(
    ['id', 'name', 'organization', 'removed'],
    found.map(({ id, name, organizationId, removedAt }) => [id, printable(name), organizationId ?? '', removedAt ?? '']),
  );
}
