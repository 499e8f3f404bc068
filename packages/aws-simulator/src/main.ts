/** The simulator as a process of its own, for a test that runs Orgtrail in a cluster. For people there is `orgtrail simulate`. */
import { createServer } from 'node:http';
import { closeServer, createLogger, listen, loadConfig, runMain, runService, type Component } from '@orgtrail/service-runtime';
import { z } from 'zod';
import { createControlApp } from './control/control-app.js';
import { startSimulator } from './simulator.js';

const port = (byDefault: number) => z.coerce.number().int().min(0).max(65535).default(byDefault);
const environment = z.object({
  HOST: z.string().default('127.0.0.1').describe('Address of the simulated AWS'),
  PORT: port(4599).describe('Port of the same'),
  CONTROL_PORT: port(4600).describe('Port of the control server, always on 127.0.0.1'),
  ACCOUNTS: z.coerce.number().int().min(1).default(60),
  ORGANIZATIONAL_UNITS: z.coerce.number().int().min(0).default(14),
  SEED: z.coerce.number().int().default(1),
  EVENT_PATH: z.enum(['ready', 'none']).default('ready').describe('Whether rule and queues are there'),
  ROLE_NAME: z.string().optional().describe('A role of this name (with its path) in every account, for the management account'),
  EXTERNAL_ID: z.string().optional().describe('That it demands'),
});

await runMain(async () => {
  const settings = loadConfig(environment);
  const simulator = await startSimulator({
    host: settings.HOST,
    port: settings.PORT,
    seed: settings.SEED,
    accounts: settings.ACCOUNTS,
    organizationalUnits: settings.ORGANIZATIONAL_UNITS,
    eventPath: settings.EVENT_PATH,
  });
  if (settings.ROLE_NAME !== undefined) {
    simulator.actions.putRoleInEveryAccount({
      roleName: settings.ROLE_NAME,
      trustedPrincipal: simulator.organization.identity.managementAccountId,
      externalId: settings.EXTERNAL_ID,
    });
  }
  const control = createServer(createControlApp(simulator));
  const component: Component = {
    name: 'simulator',
    start: async () => {
      await listen(control, { host: '127.0.0.1', port: settings.CONTROL_PORT, variable: 'CONTROL_PORT' });
    },
    stop: async () => {
      await closeServer(control);
      await simulator.close();
    },
  };
  return runService({ name: 'aws-simulator', logger: createLogger({ service: 'aws-simulator' }), components: [component] });
});
