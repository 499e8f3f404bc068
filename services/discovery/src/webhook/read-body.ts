import type { IncomingMessage } from 'node:http';

/** Bodies in memory, over all posts. */
export interface ByteBudget {
  /** False when there is no room for so many more. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function createByteBudget(most: number): ByteBudget {
  let taken = 0;
  return {
    take: (bytes) => {
      if (taken + bytes > most) return false;
      taken += bytes;
      return true;
    },
    give: (bytes) => {
      taken -= bytes;
    },
  };
}

export type ReadBody =
  /** The bytes are taken from the budget until they are given back. */
  | { kind: 'read'; text: string; bytes: number }
  | { kind: 'too-large' }
  | { kind: 'no-room' }
  /** The sender went away, or was cut off. */
  | { kind: 'broken' };

/** Beyond the limit so much is read and dropped, so that the sender is still there to hear why it is refused. */
const politeBytes = 4 * 1024 * 1024;

/** Reads a body that may be larger than it says, or never end: whoever calls sets the time. Never rejects. */
export function readBody(request: IncomingMessage, { most, budget }: { most: number; budget: ByteBudget }): Promise<ReadBody> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > most + politeBytes) return Promise.resolve({ kind: 'too-large' });
  const { promise, resolve } = Promise.withResolvers<ReadBody>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let refusal: 'too-large' | 'no-room' | undefined = announced > most ? 'too-large' : undefined;
  let held = 0;

  const end = (read: ReadBody): void => {
    request.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close');
    if (read.kind !== 'read') budget.give(held);
    resolve(read);
  };
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > most) refusal = 'too-large';
    if (refusal === undefined && budget.take(chunk.length)) {
      held += chunk.length;
      chunks.push(chunk);
      return;
    }
    refusal ??= 'no-room';
    chunks.length = 0;
    if (refusal === 'no-room' || bytes > most + politeBytes) end({ kind: refusal });
  });
  request.on('end', () => {
    if (refusal) end({ kind: refusal });
    else end({ kind: 'read', text: Buffer.concat(chunks).toString('utf8'), bytes });
  });
  request.on('close', () => end({ kind: 'broken' }));
  // Told as `close` as well.
  request.on('error', () => undefined);
  return promise;
}
