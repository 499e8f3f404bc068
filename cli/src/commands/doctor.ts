import { exitCodes } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { createApiClient } from '../api/client.js';
import { doctorReport } from '../api/doctor-shapes.js';
import { formatDoctorReport, isInOrder } from '../output/doctor-report.js';
import { overApi, type ApiCommandOptions, type Finish } from './api-command.js';

/** Longer than all checks together may take where several of them get no answer. */
const patienceMs = 10 * 60_000;

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
        process.stderr.write('Asking AWS, the bus and the database; this takes about half a minute for each integration.\n');
      const report = await api.send('POST', '/v1/doctor', doctorReport, integration === undefined ? {} : { integration });
      process.stdout.write(`${options.json === true ? JSON.stringify(report, null, 2) : formatDoctorReport(report)}\n`);
      if (options.json !== true && options.demo === true && !isInOrder(report)) {
        process.stdout.write('Add --demo to the orgtrail commands above.\n');
      }
      finish(isInOrder(report) ? exitCodes.ok : exitCodes.failure);
    });
}
