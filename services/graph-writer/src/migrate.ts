import { migrateDatabase } from '@orgtrail/database';
import { createLogger, loadConfig, runMain } from '@orgtrail/service-runtime';
import { z } from 'zod';
import { graphWriterEnvironment } from './config.js';
import { migrations } from './migrations/index.js';

const { DATABASE_URL, LOG_LEVEL, START_TIMEOUT_SECONDS } = graphWriterEnvironment.shape;

// Brings schema graph up to date and ends: for a job before an upgrade. The service does the same at its start.
await runMain(async () => {
  const environment = loadConfig(z.object({ DATABASE_URL, LOG_LEVEL, START_TIMEOUT_SECONDS }));
  const { applied } = await migrateDatabase({
    connectionString: environment.DATABASE_URL,
    applicationName: 'orgtrail-graph-writer-migrate',
    timeoutMs: environment.START_TIMEOUT_SECONDS * 1000,
    schema: 'graph',
    migrations,
  });
  createLogger({ service: 'graph-writer', level: environment.LOG_LEVEL }).info({ applied }, 'Schema graph is up to date');
  return 0;
});
