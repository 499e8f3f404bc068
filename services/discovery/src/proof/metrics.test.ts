import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { createMetrics } from '@orgtrail/service-runtime';
import { createDiscoveryMetrics } from './metrics.js';

async function shownBy(metrics: ReturnType<typeof createMetrics>): Promise<string> {
  const server = createServer((request, response) => metrics.handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`)).text();
  } finally {
    server.close();
  }
}

it.each([
  'orgtrail_events_total{outcome="refused",event="other"}',
  'orgtrail_webhook_answers_total{status="401"}',
  'orgtrail_webhook_answers_total{status="422"}',
  'orgtrail_webhook_answers_total{status="503"}',
  'orgtrail_aws_calls_total{operation="AssumeRole",outcome="denied"}',
  'orgtrail_aws_calls_total{operation="ReceiveMessage",outcome="denied"}',
  'orgtrail_syncs_total{kind="light",outcome="failed"}',
  'orgtrail_missed_changes_total{kind="updated-placement"}',
  'orgtrail_lease_transitions_total{transition="lost"}',
])('%s stands at 0 before anything happens, so that the first is an increase', async (series) => {
  const metrics = createMetrics();
  createDiscoveryMetrics(metrics.meter);
  expect(await shownBy(metrics)).toContain(`\n${series} 0`);
});

it('an answer to a post counts, and an integration shows what it missed in a day, 0 included', async () => {
  const metrics = createMetrics();
  const discovery = createDiscoveryMetrics(metrics.meter);
  discovery.postAnswered(401, 3);
  discovery.observe('first', () => ({ missedLastDay: 0 }));
  discovery.observe('second', () => ({ missedLastDay: 2 }));
  discovery.observe('unread', () => ({}));
  const shown = await shownBy(metrics);
  expect(shown).toContain('\norgtrail_webhook_answers_total{status="401"} 1');
  expect(shown).toContain('\norgtrail_missed_changes_last_day{integration="first"} 0');
  expect(shown).toContain('\norgtrail_missed_changes_last_day{integration="second"} 2');
  expect(shown).not.toContain('last_day{integration="unread"}');
});
