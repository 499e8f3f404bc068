/**
 * The bus port: everything that a service may ask of the bus, and nothing that only one adapter could keep.
 * One contract suite (`contract/`) holds both adapters, Kafka and Postgres, to the promises written here.
 */

/** What the adapters need of a logger; pino's has this shape. Values of records are never logged. */
export interface BusLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Largest record that either bus takes: key, value and headers together, in bytes. */
export const maxRecordBytes = 1024 * 1024;

/** A record to publish. Records with the same key go to the same partition and keep the order of the calls of one publisher. */
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
   * Resolves when the batch before this one, of the same partition, was handled: at once, unless several may be in hand (`batchesInHand`). Rejects when
   * it was not: let that error leave the handler, both come again.
   */
  before: Promise<void>;
  /**
   * To be called between sub-batches whenever handling takes longer than a few seconds. Throws when the partition was lost:
   * let that error leave the handler, the records are somebody else's now.
   */
  heartbeat: () => Promise<void>;
  /** Aborted when the consumption is being stopped, or when the bus noticed that the partition was lost: finish what was begun, begin nothing new. */
  signal: AbortSignal;
}

export interface ConsumeOptions {
  topics: readonly string[];
  /** Members of one group share the partitions. A group that has no offset yet begins with the oldest record kept. */
  group: string;
  /**
   * Handles one batch. The group's offset moves behind the batch only after the returned promise resolves (at-least-once).
   * When it rejects, the same records come again after a backoff, in the same order; nothing is skipped (batches may be cut
   * differently). Other partitions go on meanwhile: batches of different partitions may be handled at the same time, those of
   * one partition only if that was asked for.
   */
  onBatch: (batch: Batch) => Promise<void>;
  /** Upper bound of records in a batch. Default 500. */
  maxBatchSize?: number;
  /**
   * So many batches of one partition may be in hand at the same time, default 1. With more the handler is called with the next one while it still handles
   * the last, and sees to their order by awaiting `batch.before`. Offsets move in order all the same: behind a batch when all before it were handled.
   */
  batchesInHand?: number;
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
  /**
   * Resolves after the records are durable (broker acks from all in-sync replicas, or the commit). A bus that is away for up to a
   * minute is waited for; then, and when a record is at fault, it rejects with a `BusError`. On rejection nothing may be assumed:
   * none, some or all of the records may be there.
   */
  publish(topic: string, records: readonly OutgoingRecord[]): Promise<void>;
  consume(options: ConsumeOptions): Consumption;
  /** Creates missing topics; safe when many processes do it at once. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  lag(group: string, topics: readonly string[]): Promise<Lag>;
  /** Those of the named topics that do not exist. */
  missingTopics(topics: readonly string[]): Promise<string[]>;
  /** Resolves when the bus answers; rejects with a `BusError` within a few seconds. For readiness. */
  ping(): Promise<void>;
  /** Stops every consumption, then disconnects. Idempotent. */
  close(): Promise<void>;
}

/**
 * - `BUS_UNREACHABLE`: nothing answered for as long as we wait.
 * - `BUS_CLOSED`: asked after `close`.
 * - `PARTITION_LOST`: somebody else reads the partition now, or will in a moment.
 * - `BATCH_BEFORE_FAILED`: the batch before, of the same partition, was not handled.
 * - `RECORD_TOO_LARGE`: above `maxRecordBytes`, or above what the broker takes.
 * - `UNKNOWN_TOPIC`: call `ensureTopics` first.
 * - `BUS_REFUSED`: the bus answered and said no (permissions, a broken setting); `cause` has the reason.
 */
export type BusErrorCode =
  | 'BUS_UNREACHABLE'
  | 'BUS_CLOSED'
  | 'PARTITION_LOST'
  | 'BATCH_BEFORE_FAILED'
  | 'RECORD_TOO_LARGE'
  | 'UNKNOWN_TOPIC'
  | 'BUS_REFUSED';

/** An error with its policy: one place may decide from `retriable` whether to try again. */
export class BusError extends Error {
  readonly retriable: boolean;
  readonly code: BusErrorCode;
  /** What a process that cannot start without the bus ends with: 69 (it does not answer), 78 (it does not let us in), else 1. */
  readonly exitCode: number;
  constructor(message: string, options: { retriable: boolean; code: BusErrorCode; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'BusError';
    this.retriable = options.retriable;
    this.code = options.code;
    this.exitCode = options.code === 'BUS_UNREACHABLE' ? 69 : options.code === 'BUS_REFUSED' ? 78 : 1;
  }
}
