/**
 * A mapper or a writer as a process of its own, as the service is, but for Kafka's sessions: who is killed is missed after two seconds and
 * not after 45, so that a few minutes hold many kills, each in the midst of work. Started by `killed.ts`, with all it needs in its environment.
 */
import { createAccountMapper } from '@orgtrail/account-mapper';
import { createPool } from '@orgtrail/database';
import { createGraphWriter } from '@orgtrail/graph-writer';
import { createKafkaBus } from '@orgtrail/messaging';
import { createLogger, createMetrics, runMain, runService, type Component } from '@orgtrail/service-runtime';

const tuning = { sessionTimeoutMs: 2_000, heartbeatIntervalMs: 300 };

const given = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing.`);
  return value;
};

await runMain(async () => {
  const role = given('ROLE');
  const group = given('CONSUMER_GROUP');
  const logger = createLogger({ service: role, level: 'warn' });
  const { meter } = createMetrics();
  const bus = await createKafkaBus({ brokers: given('KAFKA_BROKERS').split(','), clientId: role, logger, tuning });
  const pool = createPool({ connectionString: given('DATABASE_URL'), applicationName: role });
  const component: Component =
    role === 'writer'
      ? createGraphWriter({ bus, pool, logger, meter, group })
      : createAccountMapper({ bus, logger, meter, group });
  try {
    return await runService({ name: role, logger, components: [component] });
  } finally {
    await bus.close();
    await pool.end();
  }
});
