import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { createApiClient } from '../api/client.js';
import { proof } from '../api/proof-shapes.js';
import { formatProof } from '../output/proof-report.js';
import { integrationArgument, overApi, type ApiCommandOptions, type Finish } from './api-command.js';

export function addProofCommand(integrations: Command, finish: Finish): void {
  overApi(integrations.command('proof').description('whether events arrive, and whether anything was missed; asks AWS nothing'))
    .argument(...integrationArgument)
    .option('--require-proven', 'exit code 1 unless it is proven that the graph equals the organization')
    .addHelpText('after', '\ndocs/proof.md explains every line.')
    .action(async (reference: string | undefined, options: ApiCommandOptions & { requireProven?: boolean }) => {
      const api = createApiClient(options);
      const { id } = await api.integration(reference);
      const answer = await api.send('GET', `/v1/integrations/${id}/proof`, proof);
      process.stdout.write(`${options.json === true ? JSON.stringify(answer, null, 2) : formatProof(answer)}\n`);
      finish(options.requireProven === true && answer.inSync.state !== 'proven' ? exitCodes.failure : exitCodes.ok);
    });
}
