/**
 * The bus port: everything that a service may ask of the bus, and nothing that only one adapter could keep.
 * One contract suite (`contract.ts`) holds both adapters, Kafka and Postgres, to the promises written here.
 */

/** A record to publish. Records with the same key keep their order. */
export interface OutgoingRecord {
  key: string;
  /** `null` is legal and arrives as `null`. */
  value: Uint8Array | null;
  headers?: Record<string, string | Uint8Array>;
}

export interface IncomingRecord {
  offset: bigint;
  key: string | null;
  value: Buffer | null;
  headers: Record<string, Buffer>;
  /** When the bus took the record, in epoch milliseconds, by the bus's clock. */
  timestamp: number;
}

/** Records of one partition, in offset order, at least one. */
export interface Batch {
  topic: string;
  partition: number;
  records: IncomingRecord[];
  /**
   * To be called between sub-batches whenever handling takes longer than a few seconds. Throws when the partition was lost:
   * let that error leave the handler, the records are somebody else's now.
   */
  heartbeat(): Promise<void>;
  /** Aborted when the consumption is being stopped: finish what was begun, begin nothing new. */
  signal: AbortSignal;
}

export interface ConsumeOptions {
  topics: readonly string[];
  group: string;
  /**
   * Handles one batch. The group's offset moves behind the batch only after the returned promise resolves (at-least-once).
   * When it rejects, the same records come again after a backoff, in the same order; nothing is skipped.
   */
  onBatch(batch: Batch): Promise<void>;
  /** Upper bound of records in a batch. Default 500. */
  maxBatchSize?: number;
}

export interface Consumption {
  /** Resolves when this consumer holds its partitions and reads (for readiness). */
  ready: Promise<void>;
  /** Rejects when the consumer cannot go on by itself (the process should exit non-zero); resolves after `stop`. */
  done: Promise<void>;
  /** Stops reading, waits for the batch in hand to be handled and its offset to be committed, leaves the group. Idempotent. */
  stop(): Promise<void>;
}

export interface TopicSpec {
  topic: string;
  /** Created with this many partitions when missing; an existing topic keeps its own. */
  partitions: number;
  /** How long records are kept. Default 7 days. */
  retentionMs?: number;
}

/** How far a group is behind, per topic: records that it has not committed yet. */
export type Lag = Record<string, bigint>;

export interface Bus {
  /** For log lines and messages: `kafka` or `postgres`, never an address with a password. */
  readonly kind: 'kafka' | 'postgres';
  /** Resolves after the records are durable (broker acks from all in-sync replicas, or the commit). On rejection nothing may be assumed. */
  publish(topic: string, records: readonly OutgoingRecord[]): Promise<void>;
  consume(options: ConsumeOptions): Consumption;
  /** Creates missing topics; safe when many processes do it at once. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  lag(group: string, topics: readonly string[]): Promise<Lag>;
  /** Resolves when the bus answers; rejects with a `BusError`. For readiness. */
  ping(): Promise<void>;
  /** Stops every consumption, then disconnects. Idempotent. */
  close(): Promise<void>;
}

/** An error with its policy: one place may decide from `retriable` whether to try again. */
export class BusError extends Error {
  readonly retriable: boolean;
  readonly code: string;
  constructor(message: string, options: { retriable: boolean; code: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'BusError';
    this.retriable = options.retriable;
    this.code = options.code;
  }
}
