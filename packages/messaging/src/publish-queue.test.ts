import { describe, expect, it } from '@jest/globals';
import { BusError, maxRecordBytes, type OutgoingRecord } from './port.js';
import { createPublishQueue } from './publish-queue.js';

const record = (text: string): OutgoingRecord => ({ key: 'k', value: Buffer.from(text) });
const textsOf = (records: readonly OutgoingRecord[]): string[] => records.map(({ value }) => String(value));

function queueWith({
  fail = () => undefined,
  maxRecords = 100,
  maxBytes = 1_000_000,
}: { fail?: (texts: string[]) => Error | undefined; maxRecords?: number; maxBytes?: number } = {}) {
  const sends: { topic: string; texts: string[] }[] = [];
  let inFlight = 0;
  const queue = createPublishQueue({
    maxRecords,
    maxBytes,
    send: async (topic, records) => {
      inFlight += 1;
      expect(inFlight).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inFlight -= 1;
      const failure = fail(textsOf(records));
      if (failure) throw failure;
      sends.push({ topic, texts: textsOf(records) });
    },
  });
  return { queue, sends };
}

describe('the publish queue', () => {
  it('sends one thing at a time, in the order of the calls, and together what waited meanwhile', async () => {
    const { queue, sends } = queueWith();
    await Promise.all([
      queue.publish('t', [record('1')]),
      queue.publish('t', [record('2')]),
      queue.publish('t', [record('3'), record('4')]),
      queue.publish('u', [record('5')]),
      queue.publish('t', [record('6')]),
    ]);
    expect(sends).toEqual([
      { topic: 't', texts: ['1'] },
      { topic: 't', texts: ['2', '3', '4'] },
      { topic: 'u', texts: ['5'] },
      { topic: 't', texts: ['6'] },
    ]);
  });

  it('cuts what is too much for one send', async () => {
    const byNumber = queueWith({ maxRecords: 2 });
    await byNumber.queue.publish('t', ['1', '2', '3', '4', '5'].map(record));
    expect(byNumber.sends.map(({ texts }) => texts)).toEqual([['1', '2'], ['3', '4'], ['5']]);

    const byBytes = queueWith({ maxBytes: 1_000 });
    await byBytes.queue.publish('t', ['a'.repeat(600), 'b', 'c'.repeat(600), 'd'.repeat(5_000), 'e'].map(record));
    expect(byBytes.sends.map(({ texts }) => texts.map(([letter]) => letter))).toEqual([['a', 'b'], ['c'], ['d'], ['e']]);
  });

  it('rejects only the call whose record is at fault', async () => {
    const refused = new BusError('no', { code: 'BUS_REFUSED', retriable: false });
    const { queue, sends } = queueWith({ fail: (texts) => (texts.includes('bad') ? refused : undefined) });
    const results = await Promise.allSettled(['1', 'bad', '2'].map((text) => queue.publish('t', [record(text)])));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(sends.flatMap(({ texts }) => texts)).toEqual(['1', '2']);
  });

  it('rejects all that went together when the bus is away, and goes on with the next', async () => {
    let away = true;
    const unreachable = new BusError('away', { code: 'BUS_UNREACHABLE', retriable: true });
    const { queue, sends } = queueWith({ fail: () => (away ? unreachable : undefined) });
    const results = await Promise.allSettled(['1', '2'].map((text) => queue.publish('t', [record(text)])));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    away = false;
    await queue.publish('t', [record('3')]);
    expect(sends.map(({ texts }) => texts)).toEqual([['3']]);
  });

  it('refuses a record above the limit before it is sent, headers counted', async () => {
    const { queue, sends } = queueWith();
    const big = { key: '', value: Buffer.alloc(maxRecordBytes - 1), headers: { h: 'xx' } };
    await expect(queue.publish('t', [record('1'), big])).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE', retriable: false });
    expect(sends).toEqual([]);
  });

  it('is drained when the last send has ended, whatever came of it', async () => {
    const { queue, sends } = queueWith();
    void queue.publish('t', [record('1')]);
    await queue.drained();
    expect(sends).toHaveLength(1);
    await queue.drained();
  });
});
