import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Bus, Consumption, ConsumeOptions, OutgoingRecord } from '../port.js';
import { partitionOf } from '../postgres/murmur2.js';
import { connectBus, type BusAddress } from './connect.js';
import { eventually } from './recorder.js';

/** Opens what a bus runs on; `close` gives it back. */
export type OpenAddress = () => Promise<{ address: BusAddress; close: () => Promise<void> }>;

export interface BusInUse {
  /** One bus for all tests of the `describe`. */
  bus: Bus;
  address: BusAddress;
  /** A name of its own for every test; no topic has it yet. */
  topic: string;
  group: string;
  /** Consumes the topic in the group where the options say nothing else; stopped after the test. */
  consume: (options: Pick<ConsumeOptions, 'onBatch'> & Partial<ConsumeOptions>, on?: Bus) => Consumption;
  createTopic: (partitions: number) => Promise<void>;
  /** Rejects when the group has not committed everything of the topic in time. */
  caughtUp: () => Promise<void>;
}

/** Gives the tests of a `describe` a real bus. Read the fields inside tests and hooks only: they are set when those run. */
export function useBus(openAddress: OpenAddress): BusInUse {
  let close = (): Promise<void> => Promise.resolve();
  const consumptions: Consumption[] = [];
  const inUse = {
    createTopic: (partitions) => inUse.bus.ensureTopics([{ topic: inUse.topic, partitions }]),
    consume: (options, on = inUse.bus) => {
      const consumption = on.consume({ topics: [inUse.topic], group: inUse.group, ...options });
      consumptions.push(consumption);
      return consumption;
    },
    caughtUp: () =>
      eventually(
        'the group has committed everything',
        async () => (await inUse.bus.lag(inUse.group, [inUse.topic]))[inUse.topic] === 0n,
      ),
  } as BusInUse;

  beforeAll(async () => {
    const place = await openAddress();
    close = place.close;
    inUse.address = place.address;
    inUse.bus = await connectBus(place.address);
  }, 120_000);
  afterAll(async () => {
    await inUse.bus.close();
    await close();
  });
  beforeEach(() => {
    inUse.topic = `contract.${randomUUID()}`;
    inUse.group = `group.${randomUUID()}`;
  });
  afterEach(async () => {
    await Promise.all(consumptions.splice(0).map((consumption) => consumption.stop()));
  }, 60_000);
  return inUse;
}

/** One record for each text, all with the same key. */
export function records(...texts: string[]): OutgoingRecord[] {
  return texts.map((text) => ({ key: 'organization', value: Buffer.from(text) }));
}

/** A key that Kafka's default partitioner places there. */
export function keyOfPartition(partition: number, partitions: number): string {
  for (let number = 0; ; number += 1) if (partitionOf(`key-${number}`, partitions) === partition) return `key-${number}`;
}
