import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Queryable } from '@orgtrail/database';
import { openDataDirectory, type DataDirectory } from './data-directory.js';
import { startDemo } from './demo.js';

let directory: DataDirectory;
beforeEach(() => {
  directory = openDataDirectory(mkdtempSync(join(tmpdir(), 'orgtrail-demo-')));
});
afterEach(() => rmSync(directory.path, { recursive: true }));

const neverAsked = { query: () => Promise.reject(new Error('Without an integration nobody asks.')) } as unknown as Queryable;

/** Starts the demo, lets something happen, and ends it. Resolves with the first thing and who did it, which follow from life's seed alone. */
async function live(): Promise<{ organization: string; first: unknown[] }> {
  const demoSettings = { seed: 1, accounts: 20, organizationalUnits: 5, everyMs: 1 };
  const demo = await startDemo({ demoSettings, integration: false }, directory, neverAsked);
  const { events, organization } = demo.simulator;
  demo.live();
  while (events.count === 0) await delay(5);
  await demo.stop();
  const [first] = events.emitted;
  return {
    organization: organization.identity.id,
    first: [first?.eventName, (first?.record['userIdentity'] as { arn: string }).arn],
  };
}

it('goes on with its organization at the next start, and lets other things happen than at the first', async () => {
  const starts = [await live(), await live(), await live()];
  expect(new Set(starts.map(({ organization }) => organization)).size).toBe(1);
  expect(new Set(starts.map(({ first }) => JSON.stringify(first))).size).toBeGreaterThan(1);
});
