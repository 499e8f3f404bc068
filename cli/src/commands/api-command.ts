import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import type { ApiAddress } from '../api/address.js';
import { createApiClient, type ApiClient } from '../api/client.js';

export type Finish = (exitCode: number) => void;

export interface ApiCommandOptions extends ApiAddress {
  json?: boolean;
}

/** The options of every command that speaks to the API. */
export function overApi(command: Command): Command {
  return command
    .option('--json', 'print JSON')
    .option('--demo', 'of a running `orgtrail up --demo`')
    .option('--data-directory <path>', 'of a running `orgtrail up`')
    .option('--url <url>', 'of the API (default: ORGTRAIL_URL, else that of the running `orgtrail up`)')
    .option('--insecure', 'send the token over plain http to another machine, readable on its way');
}

/** Runs work with a client, prints what it answers, and ends well. */
export async function withApi<T>(
  options: ApiCommandOptions,
  finish: Finish,
  work: (api: ApiClient) => Promise<{ answer: T; text(answer: T): string }>,
): Promise<void> {
  const { answer, text } = await work(createApiClient(options));
  process.stdout.write(`${options.json === true ? JSON.stringify(answer, null, 2) : text(answer)}\n`);
  finish(exitCodes.ok);
}

export const integrationArgument = ['[integration]', 'id, organization id or name; not needed while there is only one'] as const;

/** `orgtrail up` answers everything at one address; on Kubernetes the graph writer has one of its own. */
export function graphWriter<T extends ApiCommandOptions>(options: T): T {
  const own = process.env['ORGTRAIL_GRAPH_WRITER_URL'];
  const isElsewhere = options.url !== undefined || options.demo === true || options.dataDirectory !== undefined;
  return isElsewhere || own === undefined || own === '' ? options : { ...options, url: own };
}
