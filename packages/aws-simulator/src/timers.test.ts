import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SimulatedClock } from './clock.js';
import { Timers } from './timers.js';

let clock: SimulatedClock;
let timers: Timers;
const done: string[] = [];
const note = (name: string) => () => void done.push(name);

beforeEach(() => {
  clock = new SimulatedClock(() => 1_000);
  timers = new Timers(clock);
  done.length = 0;
});
afterEach(() => timers.close());

describe('what is to be done later', () => {
  it('is done in the order of its times, each with the clock at its own', () => {
    for (const ms of [300, 100, 200]) timers.later(ms, () => done.push(`${ms} at ${clock.now()}`));
    timers.advance(250);
    expect(done).toEqual(['100 at 1100', '200 at 1200']);
    expect(clock.now()).toBe(1_250);
    timers.advance(50);
    expect(done.at(-1)).toBe('300 at 1300');
  });

  it('is done in the order of asking when it is due at the same moment, and at once when it is due now', () => {
    for (const name of ['first', 'second', 'third']) timers.later(10, note(name));
    timers.later(0, note('now'));
    timers.advance(10);
    expect(done).toEqual(['now', 'first', 'second', 'third']);
  });

  it('takes in what it asks for itself, if that is due before the end', () => {
    timers.later(100, () => timers.later(100, note('after it')));
    timers.later(250, note('later'));
    timers.advance(300);
    expect(done).toEqual(['after it', 'later']);
  });

  it('is waited for, unless it is distant', async () => {
    const year = 365 * 86_400_000;
    timers.at(1_000 + year, note('a year'));
    await timers.settled();
    timers.later(10, note('soon'));
    let settled = false;
    const waiting = timers.settled().then(() => (settled = true));
    await delay(0);
    expect(settled).toBe(false);
    timers.advance(10);
    await waiting;
    expect(done).toEqual(['soon']);
    timers.advance(year);
    expect(done).toEqual(['soon', 'a year']);
  });

  it('comes by itself too, and never sooner because it is far away', async () => {
    timers.close();
    let looks = 0;
    clock = new SimulatedClock(() => {
      looks += 1;
      return Date.now();
    });
    timers = new Timers(clock);
    timers.at(Date.now() + 90 * 86_400_000, note('in 90 days'));
    timers.later(20, note('in 20 ms'));
    await timers.settled();
    expect(done).toEqual(['in 20 ms']);
    // Node fires at once, again and again, what is asked for later than it can count.
    const before = looks;
    await delay(50);
    expect(looks).toBe(before);
  });

  it('is forgotten on close', async () => {
    timers.later(10, note('never'));
    timers.close();
    timers.advance(20);
    await timers.settled();
    expect(done).toEqual([]);
  });
});
