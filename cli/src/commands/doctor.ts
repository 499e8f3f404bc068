import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { createApiClient, type ApiClient } from '../api/client.js';
import { doctorReport, type DoctorReportShape } from '../api/doctor-shapes.js';
import { integrationList } from '../api/shapes.js';
import { formatDoctorReport, isInOrder } from '../output/doctor-report.js';
import { overApi, type ApiCommandOptions, type Finish } from './api-command.js';

/** Longer than all checks of one integration together may take where some get no answer; Node ends a request after five minutes. */
const patienceMs = 290_000;

export function addDoctorCommand(program: Command, finish: Finish): void {
  overApi(program.command('doctor').description('ask AWS, the bus and the database whether everything is in order'))
    .argument('[integration]', 'id, organization id or name; every one when none is named')
    .addHelpText(
      'after',
      '\nExit code 0 only where nothing failed and nothing is unknown, else 1. docs/doctor.md lists the checks.',
    )
    .action(async (integration: string | undefined, options: ApiCommandOptions) => {
      const api = createApiClient(options, { timeoutMs: patienceMs });
      if (options.json !== true)
        process.stderr.write('Asking AWS, the bus and the database; this takes some seconds for each integration.\n');
      const report = await examine(api, integration);
      process.stdout.write(`${options.json === true ? JSON.stringify(report, null, 2) : formatDoctorReport(report)}\n`);
      if (options.json !== true && options.demo === true && !isInOrder(report)) {
        process.stdout.write('Add --demo to the orgtrail commands above.\n');
      }
      finish(isInOrder(report) ? exitCodes.ok : exitCodes.failure);
    });
}

/** One integration after the other: an answer that takes minutes is cut somewhere on its way. */
async function examine(api: ApiClient, reference: string | undefined): Promise<DoctorReportShape> {
  const ask = (integration: string | null) => api.send('POST', '/v1/doctor', doctorReport, { integration });
  if (reference !== undefined) return ask(reference);
  const { installation } = await ask(null);
  // Without a database nobody can list the integrations.
  if (installation.some(({ id, status }) => id === 'database.reachable' && status !== 'ok'))
    return { installation, integrations: [] };
  const { integrations } = await api.send('GET', '/v1/integrations', integrationList);
  const examined: DoctorReportShape['integrations'] = [];
  for (const { id } of integrations) examined.push(...(await ask(id)).integrations);
  return { installation, integrations: examined };
}
