import { setTimeout as delay } from 'node:timers/promises';
import { createAccountMapper } from '@orgtrail/account-mapper';
import { connectToAws, createRoleVerifier, type CallReport } from '@orgtrail/aws';
import { createPool } from '@orgtrail/database';
import type { Simulator } from '@orgtrail/aws-simulator';
import { createDiscovery, createDiscoveryMetrics, type Discovery } from '@orgtrail/discovery';
import { createGraphWriter } from '@orgtrail/graph-writer';
import { createKafkaBus, createPostgresBus, type Bus } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';

/** All three services around one simulated organization, on a database of their own. */
export interface Pipeline {
  database: TestDatabase;
  discovery: Discovery;
  /** Of mapper and writer. */
  groups: { mapper: string; writer: string };
  /** Resolves when no request is due or waiting, and everything published stands in the graph. */
  settled(): Promise<void>;
  calls(): Record<string, number>;
  stop(): Promise<void>;
}

export async function startPipeline(
  simulator: Simulator,
  options: {
    kafkaBrokers?: string[];
    missedChangeWindowSeconds?: number;
    /** Of the management account; by default its own credentials are used, and members have no role. */
    roleArn?: string;
    externalId?: string;
    /** The services' way to the database, where it is not the direct one. */
    through?: { host: string; port: number };
    /** Share of AWS's rates, asked for at each connection; by default the limiter is off. */
    rateShare?: () => number;
    /** Told of each call of AWS. */
    onCall?: (call: CallReport) => void;
    /** Seconds after which what an event touched is read again. */
    confirmAfterSeconds?: readonly number[];
    /** Mapper and writer are somebody else's, on our bus and database and in our groups; by default they are ours. */
    mapperAndWriter?: 'here' | 'elsewhere';
  },
): Promise<Pipeline> {
  const database = await createTestDatabase();
  const address = new URL(database.connectionString);
  if (options.through) address.host = `${options.through.host}:${options.through.port}`;
  const pool = createPool({ connectionString: address.href, applicationName: 'orgtrail-acceptance', max: 30 });
  const logger = createLogger({ service: 'acceptance', level: 'silent' });
  const { meter } = createMetrics();
  const bus: Bus = options.kafkaBrokers
    ? await createKafkaBus({ brokers: options.kafkaBrokers, clientId: 'orgtrail-acceptance', logger })
    : await createPostgresBus({ pool, logger });
  const access = { endpoint: simulator.endpoint, credentials: simulator.credentials };
  // Groups of their own: a broker may be shared with other organizations' pipelines.
  const suffix = simulator.organization.organizationId;
  const groups = { mapper: `mapper-${suffix}`, writer: `writer-${suffix}` };
  const writer = createGraphWriter({ bus, pool, logger, meter, group: groups.writer });
  const mapper = createAccountMapper({ bus, logger, meter, group: groups.mapper });
  const discovery = createDiscovery({
    pool,
    bus,
    connect: (role) =>
      connectToAws({
        ...access,
        ...role,
        rateShare: options.rateShare?.() ?? 1000,
        onCall: (call) => options.onCall?.(call),
      }),
    verifier: (role) => createRoleVerifier({ ...access, ...role, membersPerSecond: 200 }),
    logger,
    metrics: createDiscoveryMetrics(meter),
    given: {
      settings: {
        queueUrl: simulator.queueUrl,
        syncInterval: 'disabled',
        ...(options.roleArn === undefined ? {} : { roleArn: options.roleArn }),
      },
      externalId: options.externalId,
    },
    process: {
      missedChangeWindowSeconds: options.missedChangeWindowSeconds ?? 900,
      membersPerSecond: 200,
      confirmation: {
        // By default longer than events may overtake each other here, as 30 s is in production.
        confirmAfterSeconds: options.confirmAfterSeconds ?? [1, 2],
        confirmNotFoundAfterSeconds: 2.5,
        maximumRetrySeconds: 5,
      },
    },
  });
  const isElsewhere = options.mapperAndWriter === 'elsewhere';
  if (!isElsewhere) {
    await writer.start();
    await mapper.start();
  }
  await discovery.start();

  const applied = async () => {
    await discovery.published();
    for (const [group, topic] of [
      [groups.mapper, topics.observations],
      [groups.writer, topics.graphChanges],
    ] as const) {
      while (((await bus.lag(group, [topic]))[topic] ?? 0n) > 0n) await delay(50);
    }
  };
  return {
    database,
    discovery,
    groups,
    settled: async () => {
      for (;;) {
        const { due, waiting } = await discovery.backlog();
        if (due + waiting === 0) break;
        await delay(100);
      }
      await applied();
    },
    calls: () => discovery.calls(),
    stop: async () => {
      await discovery.stop();
      if (!isElsewhere) {
        await mapper.stop();
        await writer.stop();
      }
      await bus.close();
      await pool.end();
      await database.drop();
    },
  };
}
