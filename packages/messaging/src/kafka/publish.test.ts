import { describe, expect, it } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { silent } from '../contract/connect.js';
import { createKafkaPublisher } from './publish.js';

/** Stands for kafkajs where a real broker cannot be made to fail in this way. Each producer has a name, and fails as it is told. */
function fakeKafka(failures: (Error | undefined)[]): { kafka: Kafka; sends: string[] } {
  const sends: string[] = [];
  let producers = 0;
  const producer = (): object => {
    producers += 1;
    const name = `producer ${producers}`;
    return {
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      send: () => {
        sends.push(name);
        const failure = failures.shift();
        return failure ? Promise.reject(failure) : Promise.resolve();
      },
    };
  };
  return { kafka: { producer } as unknown as Kafka, sends };
}

const protocolError = (type: string, retriable: boolean): Error => Object.assign(new Error(type), { type, retriable });
const record = [{ key: 'k', value: null }];

describe('the Kafka publisher', () => {
  it('never uses a producer again whose send failed: the broker would drop the next records as repetitions', async () => {
    const { kafka, sends } = fakeKafka([undefined, protocolError('REQUEST_TIMED_OUT', true)]);
    const publisher = createKafkaPublisher(kafka, silent);
    await publisher.send('t', record);
    await expect(publisher.send('t', record)).rejects.toMatchObject({ code: 'BUS_UNREACHABLE', retriable: true });
    await publisher.send('t', record);
    expect(sends).toEqual(['producer 1', 'producer 1', 'producer 2']);
  });

  it('goes on with a new producer when the broker forgot the old one', async () => {
    const { kafka, sends } = fakeKafka([protocolError('UNKNOWN_PRODUCER_ID', false)]);
    await createKafkaPublisher(kafka, silent).send('t', record);
    expect(sends).toEqual(['producer 1', 'producer 2']);
  });

  it('says which errors are worth another try', async () => {
    const wrapped = Object.assign(new Error('retries exceeded', { cause: protocolError('LEADER_NOT_AVAILABLE', true) }), {
      retriable: false,
    });
    const { kafka } = fakeKafka([
      wrapped,
      protocolError('MESSAGE_TOO_LARGE', false),
      protocolError('TOPIC_AUTHORIZATION_FAILED', false),
    ]);
    const publisher = createKafkaPublisher(kafka, silent);
    await expect(publisher.send('t', record)).rejects.toMatchObject({ code: 'BUS_UNREACHABLE', retriable: true });
    await expect(publisher.send('t', record)).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE', retriable: false });
    await expect(publisher.send('t', record)).rejects.toMatchObject({ code: 'BUS_REFUSED', retriable: false });
  });
});
