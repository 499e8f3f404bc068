import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createControlApp, startLife, startSimulator } from '@orgtrail/aws-simulator';
import { closeServer, createLogger, listen, runService } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { count } from './arguments.js';

interface SimulateOptions extends Record<'accounts' | 'ous' | 'seed' | 'port' | 'every', number> {
  eventPath: boolean;
  controlPort?: number;
}

export function addSimulateCommand(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('simulate')
    .description('serve a simulated AWS organization over HTTP, for the AWS SDK and CLI')
    .option('--accounts <number>', 'how many accounts', count, 60)
    .option('--ous <number>', 'how many organizational units', count, 14)
    .option('--seed <number>', 'same seed, same organization', count, 1)
    .option('--port <number>', 'port; 0 takes a free one', count, 4599)
    .option('--every <milliseconds>', 'let something happen this often; 0: nothing happens by itself', count, 0)
    .option('--no-event-path', 'a customer who has connected nothing yet: a trail, but no rule and no queues')
    .option('--control-port <number>', 'a port of 127.0.0.1 by which programs let things happen in it, and read the truth', count)
    .action(async ({ accounts, ous, seed, port, every, eventPath, controlPort }: SimulateOptions) => {
      const simulator = await startSimulator({
        seed,
        accounts,
        organizationalUnits: ous,
        port,
        eventPath: eventPath ? 'ready' : 'none',
      });
      const control = controlPort === undefined ? undefined : createServer(createControlApp(simulator));
      if (control) await listen(control, { host: '127.0.0.1', port: controlPort ?? 0, variable: '--control-port' });
      const life = every > 0 ? startLife(simulator, { everyMs: every, seed }) : undefined;
      process.stdout.write(
        [
          `Simulated organization ${simulator.organization.organizationId}: ${simulator.organization.accounts.size} accounts, ${simulator.organization.organizationalUnits.size} OUs`,
          `export AWS_ENDPOINT_URL=${simulator.endpoint} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1`,
          `export AWS_ACCESS_KEY_ID=${simulator.credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${simulator.credentials.secretAccessKey}`,
          ...(eventPath ? [`queue: ${simulator.queueUrl}`] : ['queue: none, nor a rule: nothing is connected']),
          ...(control ? [`control API: http://127.0.0.1:${(control.address() as AddressInfo).port}`] : []),
          'Ctrl-C ends it.',
          '',
        ].join('\n'),
      );
      finish(
        await runService({
          name: 'simulate',
          logger: createLogger({ service: 'simulate', level: 'error' }),
          components: [
            {
              name: 'simulator',
              start: async () => undefined,
              stop: async () => {
                await life?.stop();
                if (control) await closeServer(control);
                await simulator.close();
              },
            },
          ],
        }),
      );
    });
}
