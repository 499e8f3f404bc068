import { createPool } from '@orgtrail/database';
import { createKafkaBus } from '../kafka/kafka-bus.js';
import type { Bus, BusLogger } from '../port.js';
import { createPostgresBus } from '../postgres/postgres-bus.js';

/** How to reach the bus under test; also from another process, so nothing but text. */
export type BusAddress = { kind: 'kafka'; brokers: string[] } | { kind: 'postgres'; connectionString: string };

export const silent: BusLogger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A silent member is declared dead after this long in the tests. */
export const memberTimeoutMs = 1_500;

/** A bus with short waits. The pool of a Postgres bus ends with it. */
export async function connectBus(address: BusAddress, logger: BusLogger = silent): Promise<Bus> {
  if (address.kind === 'kafka') {
    return createKafkaBus({
      brokers: address.brokers,
      clientId: 'contract',
      logger,
      unavailableAfterMs: 10_000,
      tuning: { sessionTimeoutMs: memberTimeoutMs, heartbeatIntervalMs: 300, maxWaitMs: 100, publishRetryForMs: 15_000 },
    });
  }
  const pool = createPool({ connectionString: address.connectionString, applicationName: 'contract', max: 6 });
  const bus = await createPostgresBus({ pool, logger, tuning: { leaseMs: memberTimeoutMs, publishRetryForMs: 15_000 } });
  let closed: Promise<void> | undefined;
  return { ...bus, close: () => (closed ??= bus.close().then(() => pool.end())) };
}
