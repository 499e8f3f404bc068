import { beforeEach, describe, expect, it } from '@jest/globals';
import { defaultBehaviours } from '../behaviours.js';
import { SimulatedClock } from '../clock.js';
import { createRandom } from '../random.js';
import { Queues } from '../sqs/queues.js';
import { Timers } from '../timers.js';
import { EventBuses } from './event-buses.js';
import { EventPoster } from './post-event.js';

const account = '111122223333';
const everything = JSON.stringify({ source: [{ exists: true }] });
const open = JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' } });

let queues: Queues;
let buses: EventBuses;

beforeEach(() => {
  queues = new Queues({
    partition: 'aws',
    behaviours: () => defaultBehaviours,
    random: createRandom(1),
    now: () => 0,
    simulatedNow: () => 0,
  });
  buses = new EventBuses({
    partition: 'aws',
    queues,
    poster: new EventPoster(new Timers(new SimulatedClock(() => 0)), () => 0),
    now: () => 0,
    organizationOf: () => undefined,
  });
});

const busIn = (region: string) => buses.at({ accountId: account, region });

/** A queue in a Region that gets what comes to the bus there. */
function listenIn(region: string) {
  const queue = queues.create({ accountId: account, region, name: 'q' }, { Policy: open });
  busIn(region).putRule({ name: 'listen', pattern: everything });
  busIn(region).putTargets('listen', [{ id: 'q', arn: queue.arn }]);
  return queue.messages;
}

function forward(from: string, to: string): void {
  busIn(from).putRule({ name: `to-${to}`, pattern: everything });
  busIn(from).putTargets(`to-${to}`, [{ id: 'bus', arn: busIn(to).arn }]);
}

const put = (detail: object = {}): void => buses.put({ accountId: account, region: 'us-east-1' }, { source: 'aws.test', detail });

describe('an event bus', () => {
  it('passes events on to one other Region, never in circles', () => {
    const here = listenIn('us-east-1');
    const there = listenIn('eu-west-1');
    const further = listenIn('eu-north-1');
    forward('us-east-1', 'eu-west-1');
    forward('eu-west-1', 'eu-north-1');
    forward('eu-west-1', 'us-east-1');
    put();
    expect([here.sent, there.sent, further.sent]).toEqual([1, 1, 0]);
  });

  it('keeps reads that CloudTrail logged from rules that do not ask for all management events', () => {
    const { sent: before } = listenIn('us-east-1');
    const queue = queues.at({ accountId: account, region: 'us-east-1', name: 'q' }).messages;
    put({ readOnly: true });
    expect(queue.sent).toBe(before);
    busIn('us-east-1').putRule({ name: 'listen', pattern: everything, state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' });
    put({ readOnly: true });
    expect(queue.sent).toBe(before + 1);
  });

  it('delivers to each target of each rule, and takes targets that are no queue without a word', () => {
    const queue = listenIn('us-east-1');
    busIn('us-east-1').putRule({ name: 'second', pattern: everything });
    const arn = `arn:aws:sqs:us-east-1:${account}:q`;
    const lambda = { id: 'function', arn: `arn:aws:lambda:us-east-1:${account}:function:f` };
    busIn('us-east-1').putTargets('second', [{ id: 'q', arn }, { id: 'again', arn }, lambda]);
    put();
    expect(queue.sent).toBe(3);
  });
});
