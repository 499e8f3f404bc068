import { setTimeout as delay } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampNow } from '@bufbuild/protobuf/wkt';
import { createKafkaBus, type Bus, type OutgoingRecord } from '@orgtrail/messaging';
import { observation, topics } from '@orgtrail/proto';
import { createLogger } from '@orgtrail/service-runtime';
import { createTestDatabase, startLocalKafka, type TestDatabase } from '@orgtrail/testkit';
import type { Report } from '../report.js';
import { freePort, startService } from '../service-process.js';

const perSecond = 100;
const seconds = 60;
/** Not judged: a process that has just started is slower. */
const warmUpSeconds = 5;
const longestMs = 250;
const patienceMs = 30_000;
const scope = '00000000-0000-4000-8000-000000000001';
const organization = { partition: 'aws', organizationId: 'o-exampleorgid', managementAccountId: '111122223333' };

/** How long an observation takes from being published to being seen in the graph by others: mapper and writer as processes, a real Kafka. */
export async function latency(report: Report): Promise<void> {
  const kafka = await startLocalKafka();
  const database = await createTestDatabase();
  const logger = createLogger({ service: 'acceptance', level: 'silent' });
  const bus = await createKafkaBus({ brokers: kafka.brokers, clientId: 'orgtrail-acceptance', logger });
  const ports = { 'graph-writer': await freePort(), 'account-mapper': await freePort() };
  const services = (['graph-writer', 'account-mapper'] as const).map((name) => ({
    name,
    service: startService(name, {
      PATH: process.env['PATH'],
      DATABASE_URL: database.connectionString,
      KAFKA_BROKERS: kafka.brokers.join(','),
      ADMIN_HOST: '127.0.0.1',
      ADMIN_PORT: String(ports[name]),
      LOG_LEVEL: 'warn',
    }),
  }));
  let watch: CommitWatch | undefined;
  try {
    for (const { name, service } of services) await service.answering(`http://127.0.0.1:${ports[name]}/readyz`);
    watch = await watchCommits(database);
    const { seen } = watch;
    const published = await publishAtRate(bus);
    await untilSeen(seen, published.length);
    reportLatencies(report, { published, seen });
  } finally {
    watch?.end();
    for (const { service } of services) await service.stop();
    await bus.close();
    await database.drop();
    await kafka.stop();
  }
}

interface CommitWatch {
  /** By account id: when another connection learned of the committed row, by `performance.now()`. PostgreSQL tells at the commit. */
  seen: ReadonlyMap<string, number>;
  end(): void;
}

async function watchCommits({ pool }: TestDatabase): Promise<CommitWatch> {
  await pool.query(
    `CREATE FUNCTION tell_written() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN PERFORM pg_notify('written', substring(NEW.key FROM '[0-9]{12}')); RETURN NULL; END $$;
     CREATE TRIGGER tell_written AFTER INSERT ON graph.changes FOR EACH ROW EXECUTE FUNCTION tell_written()`,
  );
  const seen = new Map<string, number>();
  const listener = await pool.connect();
  listener.on('notification', ({ payload }) => {
    if (payload !== undefined) seen.set(payload, performance.now());
  });
  await listener.query('LISTEN written');
  // A connection that listens is not for others.
  return { seen, end: () => listener.release(true) };
}

interface Published {
  accountId: string;
  /** When it was due, by `performance.now()`: what waits in the publisher waits for the graph. */
  at: number;
}

async function publishAtRate(bus: Bus): Promise<Published[]> {
  const began = performance.now() + 100;
  const sending: Promise<void>[] = [];
  const published = Array.from({ length: perSecond * (warmUpSeconds + seconds) }, (_, index) => ({
    accountId: String(200_000_000_000 + index),
    at: began + (index * 1000) / perSecond,
  }));
  for (const { accountId, at } of published) {
    const early = at - performance.now();
    if (early > 0) await delay(early);
    sending.push(bus.publish(topics.observations, [observationOf(accountId)]));
  }
  await Promise.all(sending);
  return published;
}

function observationOf(accountId: string): OutgoingRecord {
  const observed = create(observation.ObservationSchema, {
    integrationId: scope,
    subject: `account:${accountId}`,
    subjectVersion: BigInt(Date.now()) * 1000n,
    organization,
    observedAt: timestampNow(),
    state: {
      case: 'account',
      value: {
        id: accountId,
        arn: `arn:aws:organizations::${organization.managementAccountId}:account/${organization.organizationId}/${accountId}`,
        name: `workload-${accountId}`,
        email: `aws+${accountId}@example.com`,
        state: 'ACTIVE',
        joinedMethod: 'CREATED',
        joinedAt: timestampNow(),
        placement: { parentId: 'ou-abcd-11111111', ancestorIds: ['r-abcd', 'ou-abcd-11111111'] },
        tags: { values: { CostCenter: 'CC-1' }, fromIndex: false },
      },
    },
  });
  return { key: scope, value: toBinary(observation.ObservationSchema, observed) };
}

async function untilSeen(seen: ReadonlyMap<string, number>, count: number): Promise<void> {
  for (const giveUp = performance.now() + patienceMs; seen.size < count && performance.now() < giveUp;) await delay(50);
}

function reportLatencies(
  report: Report,
  { published, seen }: { published: readonly Published[]; seen: ReadonlyMap<string, number> },
): void {
  const judged = published.slice(warmUpSeconds * perSecond);
  const milliseconds = judged.map(({ accountId, at }) => (seen.get(accountId) ?? Infinity) - at).sort((a, b) => a - b);
  const percentile = (share: number): number => milliseconds[Math.ceil(share * milliseconds.length) - 1] ?? Infinity;
  report.say(
    `p50 ${percentile(0.5).toFixed(0)} ms, p90 ${percentile(0.9).toFixed(0)} ms, slowest ${percentile(1).toFixed(0)} ms, ` +
      `after ${warmUpSeconds} s of warming up`,
  );
  report.atMost(
    `observation due to its row committed, ${perSecond} distinct accounts/s for ${seconds} s: p99`,
    percentile(0.99),
    longestMs,
    'ms',
  );
  report.point('of these in the graph', {
    figure: milliseconds.filter(Number.isFinite).length,
    bound: perSecond * seconds,
    pass: milliseconds.every(Number.isFinite),
  });
}
