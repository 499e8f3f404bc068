import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createInstruments, createMetrics, defineMetrics, everyCombination, type Metrics } from './index.js';

const declared = defineMetrics({
  calls: { kind: 'counter', name: 'orgtrail_calls_total', description: 'Calls', labels: { operation: 'of AWS' } },
  rounds: { kind: 'counter', name: 'orgtrail_rounds_total', description: 'Rounds' },
  ends: {
    kind: 'counter',
    name: 'orgtrail_ends_total',
    description: 'Ends',
    labels: { kind: 'of what', outcome: 'how' },
    fromZero: everyCombination({ kind: ['full', 'light'], outcome: ['done', 'failed'] }),
  },
  delay: { kind: 'histogram', name: 'orgtrail_delay_seconds', description: 'Delay', buckets: [0.1, 1] },
  age: { kind: 'gauge', name: 'orgtrail_age_seconds', description: 'Age', unit: 's', labels: { kind: 'of what' } },
});

async function scrape({ handler }: Metrics): Promise<string> {
  const server = createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`)).text();
  } finally {
    server.close();
  }
}

describe('declared metrics', () => {
  it('appear under the names that were declared, with their labels and buckets', async () => {
    const metrics = createMetrics();
    const { calls, delay, age } = createInstruments(metrics.meter, declared);
    calls.add(2, { operation: 'ListAccounts' });
    delay.record(0.5);
    age.observe((say) => say(7, { kind: 'sync' }));
    const text = await scrape(metrics);
    expect(text).toContain('orgtrail_calls_total{operation="ListAccounts"} 2');
    expect(text).toContain('orgtrail_delay_seconds_bucket{le="1"} 1');
    expect(text).toContain('orgtrail_age_seconds{kind="sync"} 7');
  });

  it('shows a counter as 0 before it counts, with each of the labels that it begins with, so that the first count is an increase', async () => {
    const metrics = createMetrics();
    const { ends } = createInstruments(metrics.meter, declared);
    const before = await scrape(metrics);
    expect(before).toMatch(/^orgtrail_rounds_total 0\b/m);
    for (const kind of ['full', 'light'])
      for (const outcome of ['done', 'failed'])
        expect(before).toMatch(new RegExp(`^orgtrail_ends_total\\{kind="${kind}",outcome="${outcome}"\\} 0\\b`, 'm'));
    // Which operations there are, nobody said.
    expect(before).not.toContain('orgtrail_calls_total{');
    ends.add(1, { kind: 'light', outcome: 'failed' });
    expect(await scrape(metrics)).toMatch(/^orgtrail_ends_total\{kind="light",outcome="failed"\} 1\b/m);
  });

  it('refuses a counter that begins with other labels than it has', () => {
    const it = {
      kind: 'counter',
      name: 'orgtrail_it_total',
      description: '',
      labels: { a: '' },
      fromZero: [{ b: '1' }],
    } as const;
    expect(() => defineMetrics({ it })).toThrow('orgtrail_it_total');
  });

  it('shows a gauge from several who observe, without the one that fails, and without the one that ended', async () => {
    const metrics = createMetrics();
    const { age } = createInstruments(metrics.meter, declared);
    const end = age.observe((say) => say(1, { kind: 'ended' }));
    age.observe((say) => say(2, { kind: 'first' }));
    age.observe(() => Promise.reject(new Error('the database is away')));
    age.observe(async (say) => {
      await Promise.resolve();
      say(3, { kind: 'second' });
    });
    end();
    const text = await scrape(metrics);
    expect(text).toContain('{kind="first"} 2');
    expect(text).toContain('{kind="second"} 3');
    expect(text).not.toContain('ended');
  });

  it('shows nothing of a gauge any more once nobody says it, also after it was shown', async () => {
    const metrics = createMetrics();
    const { age } = createInstruments(metrics.meter, declared);
    const end = age.observe((say) => say(1, { kind: 'ended' }));
    age.observe((say) => say(2, { kind: 'lasting' }));
    expect(await scrape(metrics)).toContain('{kind="ended"} 1');
    end();
    const text = await scrape(metrics);
    expect(text).toContain('{kind="lasting"} 2');
    expect(text).not.toContain('ended');
  });

  it('shows a gauge to everyone who asks at the same time', async () => {
    const metrics = createMetrics();
    const { age } = createInstruments(metrics.meter, declared);
    age.observe(async (say) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      say(1, { kind: 'slow' });
    });
    age.observe((say) => say(1, { kind: 'quick' }));
    const texts = await Promise.all([scrape(metrics), scrape(metrics), scrape(metrics)]);
    for (const text of texts) for (const kind of ['slow', 'quick']) expect(text).toContain(`{kind="${kind}"} 1`);
  });

  it.each([
    ['counter', 'orgtrail_calls'],
    ['gauge', 'orgtrail_calls_total'],
    ['counter', 'calls_total'],
  ] as const)('refuses a %s named %s', (kind, name) => {
    expect(() => defineMetrics({ it: { kind, name, description: '' } })).toThrow(name);
  });
});
