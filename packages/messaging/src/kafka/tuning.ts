/** The numbers that the Kafka adapter was given on purpose; README.md has the reasons. Tests shorten some. */
export interface KafkaTuning {
  /** A consumer that sends no heartbeat for this long loses its partitions. */
  sessionTimeoutMs: number;
  heartbeatIntervalMs: number;
  /** How long an idle fetch waits at the broker: also how soon a join, a leave or a stop is noticed. */
  maxWaitMs: number;
  /** About how long a publish waits for a bus that is away. */
  publishRetryForMs: number;
  /** Partitions whose batches may be handled at the same time by one consumption. */
  partitionsAtOnce: number;
}

export const defaultTuning: KafkaTuning = {
  sessionTimeoutMs: 45_000,
  heartbeatIntervalMs: 3_000,
  maxWaitMs: 250,
  publishRetryForMs: 75_000,
  partitionsAtOnce: 3,
};

export const connectionTimeoutMs = 3_000;
export const rebalanceTimeoutMs = 60_000;
export const maxFetchBytes = 6 * 1024 * 1024;
/** About 4,500 records of 900 bytes: what a consumer with a backlog handles at once. */
export const maxFetchBytesPerPartition = 4 * 1024 * 1024;
/** One publish of many records is cut so that each broker batch stays below the default limit of 1 MiB. */
export const maxPublishBytes = 900 * 1024;
export const maxPublishRecords = 1_000;

/** kafkajs counts retries; this gives it as many as fill `forMs` when a broker refuses connections at once. */
export function retryFor(forMs: number): { initialRetryTime: number; maxRetryTime: number; multiplier: number; retries: number } {
  const initialRetryTime = 50;
  const maxRetryTime = 1_000;
  return { initialRetryTime, maxRetryTime, multiplier: 2, retries: Math.ceil(forMs / maxRetryTime) + 4 };
}
