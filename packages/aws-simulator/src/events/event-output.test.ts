import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { eventsOnQueue } from '../testing/customer.js';

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator({ seed: 23, accounts: 6, organizationalUnits: 3 });
});
afterEach(() => simulator.close());

function tagManyTimes(times: number): void {
  const resourceId = simulator.organization.root.id;
  for (let time = 0; time < times; time += 1) simulator.actions.tagResource({ resourceId, tags: { time: String(time) } });
}

const timesOnQueue = (): number[] =>
  eventsOnQueue(simulator).map(({ detail }) => Number((detail.requestParameters!['tags'] as { value: string }[])[0]!.value));

describe('delivery of events', () => {
  it('is prompt, in order, complete and single by default', () => {
    tagManyTimes(20);
    expect(timesOnQueue()).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('loses and repeats at the set rates, and tells which', () => {
    simulator.setBehaviour({ lossRate: 0.2, duplicateRate: 0.3 });
    tagManyTimes(300);
    const { emitted, lost, duplicated } = simulator.events;
    const ids = eventsOnQueue(simulator).map(({ detail }) => detail.eventID);
    expect(emitted).toHaveLength(300);
    expect(lost.length).toBeGreaterThan(30);
    expect(duplicated.length).toBeGreaterThan(40);
    expect(new Set(ids)).toEqual(new Set(emitted.filter(({ fate }) => fate === 'delivered').map(({ eventId }) => eventId)));
    for (const { eventId } of lost) expect(ids).not.toContain(eventId);
    for (const { eventId } of duplicated) expect(ids.filter((id) => id === eventId)).toHaveLength(2);
    expect(ids).toHaveLength(300 - lost.length + duplicated.length);
  });

  it('loses the same ones for the same seed', async () => {
    simulator.setBehaviour({ lossRate: 0.5 });
    tagManyTimes(40);
    const first = simulator.events.emitted.map(({ fate }) => fate);
    await simulator.close();
    simulator = await startSimulator({ seed: 23, accounts: 6, organizationalUnits: 3, lossRate: 0.5 });
    tagManyTimes(40);
    expect(simulator.events.emitted.map(({ fate }) => fate)).toEqual(first);
  });

  it('is late, and lets events overtake each other, until everything has settled', async () => {
    simulator.setBehaviour({ deliveryDelayMs: 20, shuffleWindowMs: 200 });
    tagManyTimes(40);
    expect(timesOnQueue()).toEqual([]);
    await simulator.settled();
    const arrived = timesOnQueue();
    const inOrder = Array.from({ length: 40 }, (_, index) => index);
    expect([...arrived].sort((left, right) => left - right)).toEqual(inOrder);
    expect(arrived).not.toEqual(inOrder);
  });
});
