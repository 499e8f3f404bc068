import { createPool, waitForDatabase } from '@orgtrail/database';
import { startEmbeddedPostgres } from '@orgtrail/embedded-postgres';
import { openBus, type Bus } from '@orgtrail/messaging';
import type { Component, Logger } from '@orgtrail/service-runtime';
import type { DataDirectory } from './data-directory.js';
import { embeddedDatabase } from './embedded-database.js';
import type { UpOptions } from './options.js';
import type { Releasers } from './releasers.js';
import type { Talk } from '../output/talk.js';

export interface Backends {
  pool: ReturnType<typeof createPool>;
  bus: Bus;
  databaseUrl: string;
  /** Processes that were started. */
  pids: number[];
  /** What was started and may end by itself. */
  components: Component[];
}

/** Database and bus: the given ones, else embedded. What was opened is pushed to `releasers`. */
export async function openBackends(
  options: UpOptions,
  context: { directory: DataDirectory; logger: Logger; talk: Talk; releasers: Releasers },
): Promise<Backends> {
  const { directory, logger, talk, releasers } = context;
  const timeoutMs = options.startTimeoutSeconds * 1000;
  const pids: number[] = [];
  const components: Component[] = [];
  let databaseUrl = options.databaseUrl;
  if (databaseUrl === undefined) {
    talk.line('Starting an embedded PostgreSQL');
    const postgres = await startEmbeddedPostgres({ dataDirectory: directory.postgres });
    releasers.push(() => postgres.stop());
    pids.push(postgres.pid);
    components.push(embeddedDatabase(postgres));
    talk.line(`Its data is in ${postgres.dataDirectory}`);
    if (postgres.dataDirectory !== directory.postgres) {
      talk.line(
        `(PostgreSQL does not run as root, and its user cannot get to ${directory.path}: who wants to begin anew removes both.)`,
      );
    }
    databaseUrl = postgres.connectionString;
  }
  const pool = createPool({
    connectionString: databaseUrl,
    applicationName: 'orgtrail-up',
    max: 40,
    statementTimeoutMs: 30_000,
    onError: (error) => logger.warn({ err: error }, 'A database connection broke'),
  });
  releasers.push(() => pool.end());
  await waitForDatabase(pool, { timeoutMs, label: options.databaseUrl === undefined ? 'embedded' : 'DATABASE_URL' });

  if (options.kafka.KAFKA_BROKERS !== undefined) talk.line(`Connecting to Kafka at ${options.kafka.KAFKA_BROKERS}`);
  const bus = await openBus(options.kafka, { pool, clientId: 'orgtrail-up', logger, timeoutMs });
  releasers.push(() => bus.close());
  return { pool, bus, databaseUrl, pids, components };
}
