import type { Behaviours } from '../behaviours.js';
import type { Trails } from '../cloudtrail/trails.js';
import type { BusEvent, EventBuses } from '../event-bridge/event-buses.js';
import type { Random } from '../random.js';
import type { Timers } from '../timers.js';
import {
  apiCallRecord,
  envelope,
  eventRegion,
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
  /**
   * `lost` on the way; `unlogged`: no trail of its account made an event of it; `elsewhere`: when it happened, no rule of its bus took it
   * anywhere. `delivered` events were put on the bus, and what follows is the rules' and targets' doing.
   */
  readonly fate: 'delivered' | 'lost' | 'unlogged' | 'elsewhere';
  /** How often it is put on its bus. */
  readonly copies: number;
}

/** What is kept of the past, so that a simulator may live for weeks. */
const remembered = 50_000;

interface Collaborators {
  managementAccountId: string;
  behaviours: () => Behaviours;
  random: Random;
  /** AWS's clock. */
  now: () => number;
  timers: Timers;
  trails: Trails;
  buses: EventBuses;
}

/** CloudTrail's way to EventBridge: late, repeated, shuffled or lost, as the behaviours say. */
export class EventOutput {
  readonly #with: Collaborators;
  #emitted: EmittedEvent[] = [];
  #count = 0;

  constructor(collaborators: Collaborators) {
    this.#with = collaborators;
  }

  /** Every event since the start, the newest last (the last 50,000). */
  get emitted(): readonly EmittedEvent[] {
    return this.#emitted;
  }

  /** How many there were since the start, those that are kept no longer included. */
  get count(): number {
    return this.#count;
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
    const { behaviours, random, now, timers } = this.#with;
    const { lossRate, duplicateRate, deliveryDelayMs, shuffleWindowMs } = behaviours();
    const route = this.#routeOf(record, envelope(record, source, now()));
    const fate = route === 'taken' ? (random.chance(lossRate) ? 'lost' : 'delivered') : route;
    const copies = fate !== 'delivered' ? 0 : random.chance(duplicateRate) ? 2 : 1;
    this.#emitted.push({ eventId: record.eventID, eventName: record.eventName, record, fate, copies });
    this.#count += 1;
    if (this.#emitted.length > remembered + 1000) this.#emitted = this.#emitted.slice(-remembered);
    for (let copy = 0; copy < copies; copy += 1) {
      const delayMs = deliveryDelayMs + Math.floor(random.next() * shuffleWindowMs);
      timers.later(delayMs, () => this.#put(record, envelope(record, source, now())));
    }
  }

  #routeOf(record: CloudTrailRecord, event: BusEvent): 'taken' | 'unlogged' | 'elsewhere' {
    const { trails, buses } = this.#with;
    const accountId = record.recipientAccountId;
    if (!trails.logsWrites(accountId, eventRegion, record.eventSource) && !this.#isForwarded(accountId)) return 'unlogged';
    return buses.takes({ accountId, region: eventRegion }, event) || this.#isForwarded(accountId) ? 'taken' : 'elsewhere';
  }

  /** The rules of now decide: they may have changed since it happened. */
  #put({ recipientAccountId: accountId }: CloudTrailRecord, event: BusEvent): void {
    const { buses, managementAccountId } = this.#with;
    buses.put({ accountId, region: eventRegion }, event);
    if (this.#isForwarded(accountId))
      buses.put({ accountId: managementAccountId, region: eventRegion }, event, { account: true });
  }

  /** As if a rule over there did it, and a trail over there logged. */
  #isForwarded(accountId: string): boolean {
    return accountId !== this.#with.managementAccountId && this.#with.behaviours().forwardFrom.includes(accountId);
  }
}
