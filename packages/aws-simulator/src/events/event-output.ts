import type { Behaviours } from '../behaviours.js';
import type { Random } from '../random.js';
import type { Timers } from '../timers.js';
import {
  apiCallRecord,
  envelopeText,
  serviceEventRecord,
  type ApiCall,
  type CloudTrailRecord,
  type EventSource,
  type ServiceEvent,
} from './record.js';

/** What became of one event. */
export interface EmittedEvent {
  readonly eventId: string;
  readonly eventName: string;
  readonly record: CloudTrailRecord;
  /** `lost` on the way, or `elsewhere`: on the bus of an account that is not forwarded. */
  readonly fate: 'delivered' | 'lost' | 'elsewhere';
  /** How often it is put on the queue. */
  readonly copies: number;
}

/** What is kept of the past, so that a simulator may live for weeks. */
const remembered = 50_000;

interface Collaborators {
  managementAccountId: string;
  behaviours: () => Behaviours;
  random: Random;
  now: () => number;
  timers: Timers;
  send: (text: string) => void;
}

/** CloudTrail, EventBridge and the rule's target: late, repeated, shuffled or lost, as the behaviours say. */
export class EventOutput {
  readonly #with: Collaborators;
  #emitted: EmittedEvent[] = [];

  constructor(collaborators: Collaborators) {
    this.#with = collaborators;
  }

  /** Every event since the start, the newest last (the last 50,000). */
  get emitted(): readonly EmittedEvent[] {
    return this.#emitted;
  }

  get lost(): readonly EmittedEvent[] {
    return this.#emitted.filter(({ fate }) => fate === 'lost');
  }

  get duplicated(): readonly EmittedEvent[] {
    return this.#emitted.filter(({ copies }) => copies > 1);
  }

  emitCall(call: ApiCall): void {
    if (call.error !== undefined && !this.#with.behaviours().failedCallEvents) return;
    this.#emit(apiCallRecord(call, this.#with.now()), call.source);
  }

  emitServiceEvent(event: ServiceEvent): void {
    this.#emit(serviceEventRecord(event, this.#with.managementAccountId, this.#with.now()), 'organizations');
  }

  #emit(record: CloudTrailRecord, source: EventSource): void {
    const { behaviours, random, now, timers, send, managementAccountId } = this.#with;
    const { lossRate, duplicateRate, deliveryDelayMs, shuffleWindowMs, forwardFrom } = behaviours();
    const reachesTheQueue = record.recipientAccountId === managementAccountId || forwardFrom.includes(record.recipientAccountId);
    const fate = !reachesTheQueue ? 'elsewhere' : random.chance(lossRate) ? 'lost' : 'delivered';
    const copies = fate !== 'delivered' ? 0 : random.chance(duplicateRate) ? 2 : 1;
    this.#emitted.push({ eventId: record.eventID, eventName: record.eventName, record, fate, copies });
    if (this.#emitted.length > remembered + 1000) this.#emitted = this.#emitted.slice(-remembered);
    for (let copy = 0; copy < copies; copy += 1) {
      const delayMs = deliveryDelayMs + Math.floor(random.next() * shuffleWindowMs);
      timers.later(delayMs, () => send(envelopeText(record, source, now())));
    }
  }
}
