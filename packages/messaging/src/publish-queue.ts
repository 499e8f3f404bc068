import { BusError, maxRecordBytes, type OutgoingRecord } from './port.js';

/** What the broker adds to each record: offsets, timestamps, lengths and the names of a few headers. */
const OVERHEAD_BYTES = 100;

export interface PublishQueue {
  publish(topic: string, records: readonly OutgoingRecord[]): Promise<void>;
  /** Resolves when nothing is waiting or on its way. */
  drained(): Promise<void>;
}

interface Waiting {
  topic: string;
  records: readonly OutgoingRecord[];
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Sends one thing at a time, in the order of the calls: two sends on their way at once could overtake each other when one is retried.
 * What was asked for meanwhile goes together in the next send, so that order does not cost throughput.
 */
export function createPublishQueue({
  send,
  maxRecords,
  maxBytes,
}: {
  send: (topic: string, records: readonly OutgoingRecord[]) => Promise<void>;
  /** Upper bounds of one send. A single record may exceed `maxBytes`. */
  maxRecords: number;
  maxBytes: number;
}): PublishQueue {
  const waiting: Waiting[] = [];
  let working: Promise<void> | undefined;

  const sendInPieces = async (topic: string, records: readonly OutgoingRecord[]): Promise<void> => {
    for (const piece of cut(records, { maxRecords, maxBytes })) await send(topic, piece);
  };

  const settle = async (entries: Waiting[]): Promise<void> => {
    const topic = entries[0]?.topic ?? '';
    try {
      await sendInPieces(
        topic,
        entries.flatMap(({ records }) => records),
      );
      for (const entry of entries) entry.resolve();
    } catch (error) {
      const oneMayBeAtFault = error instanceof BusError && !error.retriable && entries.length > 1;
      if (oneMayBeAtFault) for (const entry of entries) await settle([entry]);
      else for (const entry of entries) entry.reject(error);
    }
  };

  const work = async (): Promise<void> => {
    for (let entries = takeTogether(waiting, maxRecords); entries.length > 0; entries = takeTogether(waiting, maxRecords)) {
      await settle(entries);
    }
    working = undefined;
  };

  return {
    publish: async (topic, records) => {
      if (records.length === 0) return;
      for (const record of records) refuseTooLarge(topic, record);
      await new Promise<void>((resolve, reject) => {
        waiting.push({ topic, records, resolve, reject });
        working ??= work();
      });
    },
    drained: async () => {
      await working;
    },
  };
}

/** The longest run of calls for the first one's topic that stays within the bound; at least one call. */
function takeTogether(waiting: Waiting[], maxRecords: number): Waiting[] {
  const [first] = waiting;
  if (!first) return [];
  let total = first.records.length;
  let count = 1;
  for (; count < waiting.length; count += 1) {
    const next = waiting[count];
    if (next?.topic !== first.topic || total + next.records.length > maxRecords) break;
    total += next.records.length;
  }
  return waiting.splice(0, count);
}

function* cut(
  records: readonly OutgoingRecord[],
  { maxRecords, maxBytes }: { maxRecords: number; maxBytes: number },
): Generator<OutgoingRecord[]> {
  let piece: OutgoingRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = OVERHEAD_BYTES + bytesOf(record);
    if (piece.length > 0 && (piece.length >= maxRecords || bytes + size > maxBytes)) {
      yield piece;
      piece = [];
      bytes = 0;
    }
    piece.push(record);
    bytes += size;
  }
  if (piece.length > 0) yield piece;
}

function refuseTooLarge(topic: string, record: OutgoingRecord): void {
  const bytes = bytesOf(record);
  if (bytes <= maxRecordBytes) return;
  throw new BusError(`A record for ${topic} has ${bytes} bytes; the bus takes up to ${maxRecordBytes}`, {
    code: 'RECORD_TOO_LARGE',
    retriable: false,
  });
}

/** Key, value and headers together, as `maxRecordBytes` bounds them. */
export function bytesOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = Buffer.byteLength(key) + (value?.byteLength ?? 0);
  for (const [name, header] of Object.entries(headers ?? {})) {
    bytes += name.length + (typeof header === 'string' ? Buffer.byteLength(header) : header.byteLength);
  }
  return bytes;
}
