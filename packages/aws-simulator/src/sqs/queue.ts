import { createHash, randomUUID } from 'node:crypto';
import type { Behaviours } from '../behaviours.js';
import type { Random } from '../random.js';

export interface QueuedMessage {
  readonly id: string;
  readonly body: string;
  /** Message attributes, all of them texts. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  /** Epoch milliseconds; in flight until then. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt: number | undefined;
}

export interface ReceivedMessage {
  message: Readonly<QueuedMessage>;
  receiptHandle: string;
}

interface Waiter {
  maximum: number;
  visibilityTimeoutMs: number;
  answer: (received: ReceivedMessage[]) => void;
}

export interface QueueCollaborators {
  behaviours: () => Behaviours;
  random: Random;
  /** Of the system: clients wait in real time. */
  now: () => number;
  /** The simulated time, for when a message was sent. */
  simulatedNow: () => number;
}

/** A standard queue in memory: at least once, no order promised (though it tries). */
export class SimulatedQueue {
  readonly #with: QueueCollaborators;
  readonly #messages = new Map<string, QueuedMessage>();
  #waiters: Waiter[] = [];
  #wakeUp: NodeJS.Timeout | undefined;
  #sent = 0;

  constructor(collaborators: QueueCollaborators) {
    this.#with = collaborators;
  }

  /** Puts any text on the queue, malformed and foreign messages included. Answers with the message's id. */
  send(body: string, { delayMs = 0, attributes = {} }: { delayMs?: number; attributes?: Record<string, string> } = {}): string {
    const now = this.#with.now();
    const id = randomUUID();
    const unread = { receiveCount: 0, firstReceivedAt: undefined };
    this.#messages.set(id, { id, body, attributes, sentAt: this.#with.simulatedNow(), visibleAt: now + delayMs, ...unread });
    this.#sent += 1;
    this.#serveWaiters();
    return id;
  }

  /** Messages sent since the start, duplicates of events included. */
  get sent(): number {
    return this.#sent;
  }

  /** Messages that wait to be received, that are in flight, and that were never to be seen yet. */
  get depth(): { visible: number; inFlight: number; delayed: number } {
    const now = this.#with.now();
    const depth = { visible: 0, inFlight: 0, delayed: 0 };
    for (const { visibleAt, receiveCount } of this.#messages.values()) {
      depth[visibleAt <= now ? 'visible' : receiveCount > 0 ? 'inFlight' : 'delayed'] += 1;
    }
    return depth;
  }

  /** Long polls that wait for a message at this moment. */
  get polls(): number {
    return this.#waiters.length;
  }

  /** The bodies of all messages that are not deleted. */
  bodies(): string[] {
    return [...this.#messages.values()].map(({ body }) => body);
  }

  purge(): void {
    this.#messages.clear();
  }

  /** Long poll: resolves with at most `maximum` messages as soon as there are some, or with none after the wait or the abort. */
  receive(options: {
    maximum: number;
    waitMs: number;
    visibilityTimeoutMs: number;
    signal: AbortSignal;
  }): Promise<ReceivedMessage[]> {
    const { maximum, waitMs, visibilityTimeoutMs, signal } = options;
    const atOnce = this.#take(maximum, visibilityTimeoutMs);
    if (atOnce.length > 0 || waitMs <= 0 || signal.aborted) return Promise.resolve(atOnce);
    return new Promise((resolve) => {
      const answer = (received: ReceivedMessage[]): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve(received);
      };
      const giveUp = (): void => answer([]);
      const timer = setTimeout(giveUp, waitMs);
      signal.addEventListener('abort', giveUp);
      const waiter: Waiter = { maximum, visibilityTimeoutMs, answer };
      this.#waiters.push(waiter);
      this.#serveWaiters();
    });
  }

  /** False for a handle that never came from this queue. Deleting again is fine. */
  delete(receiptHandle: string): boolean {
    const id = messageIdIn(receiptHandle);
    if (id === undefined) return false;
    this.#messages.delete(id);
    return true;
  }

  changeVisibility(receiptHandle: string, timeoutMs: number): 'changed' | 'invalid handle' | 'not in flight' {
    const id = messageIdIn(receiptHandle);
    if (id === undefined) return 'invalid handle';
    const message = this.#messages.get(id);
    const now = this.#with.now();
    if (message === undefined || message.visibleAt <= now) return 'not in flight';
    message.visibleAt = now + timeoutMs;
    this.#serveWaiters();
    return 'changed';
  }

  /** Ends every long poll. */
  close(): void {
    clearTimeout(this.#wakeUp);
    for (const { answer } of this.#waiters) answer([]);
  }

  #take(maximum: number, visibilityTimeoutMs: number): ReceivedMessage[] {
    const { behaviours, random, now } = this.#with;
    const { queueDuplicateRate } = behaviours();
    const moment = now();
    const taken: ReceivedMessage[] = [];
    for (const message of this.#messages.values()) {
      if (taken.length >= maximum) break;
      if (message.visibleAt > moment) continue;
      message.receiveCount += 1;
      message.firstReceivedAt ??= moment;
      if (!random.chance(queueDuplicateRate)) message.visibleAt = moment + visibilityTimeoutMs;
      taken.push({ message, receiptHandle: receiptHandleOf(message) });
    }
    return taken;
  }

  #serveWaiters(): void {
    for (const waiter of [...this.#waiters]) {
      const received = this.#take(waiter.maximum, waiter.visibilityTimeoutMs);
      if (received.length === 0) break;
      waiter.answer(received);
    }
    clearTimeout(this.#wakeUp);
    if (this.#waiters.length === 0 || this.#messages.size === 0) return;
    let next = Infinity;
    for (const { visibleAt } of this.#messages.values()) next = Math.min(next, visibleAt);
    this.#wakeUp = setTimeout(() => this.#serveWaiters(), Math.max(1, next - this.#with.now()));
  }
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

const handlePrefix = 'orgtrail-simulator';

function receiptHandleOf({ id, receiveCount }: QueuedMessage): string {
  return Buffer.from(`${handlePrefix} ${id} ${receiveCount} ${randomUUID()}`).toString('base64');
}

function messageIdIn(receiptHandle: string): string | undefined {
  const [prefix, id] = Buffer.from(receiptHandle, 'base64').toString().split(' ');
  return prefix === handlePrefix ? id : undefined;
}
