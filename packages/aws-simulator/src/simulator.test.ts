import { ListRootsCommand } from '@aws-sdk/client-organizations';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from './simulator.js';
import { customerOf } from './testing/customer.js';

const shape = { seed: 1, accounts: 5, organizationalUnits: 2 };
let simulator: Simulator | undefined;
afterEach(() => simulator?.close());

describe('a simulator', () => {
  it('says that its port is taken', async () => {
    simulator = await startSimulator(shape);
    const port = Number(new URL(simulator.endpoint).port);
    await expect(startSimulator({ ...shape, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('answers as late as it is told to, by operation', async () => {
    simulator = await startSimulator({ ...shape, latencyMs: { ListRoots: 200 } });
    const began = performance.now();
    await customerOf(simulator).organizations.send(new ListRootsCommand({}));
    expect(performance.now() - began).toBeGreaterThanOrEqual(195);
  });

  it('ends with long polls and late events outstanding', async () => {
    simulator = await startSimulator({ ...shape, deliveryDelayMs: 3_600_000, createAccountDelayMs: 3_600_000 });
    const { sqs } = customerOf(simulator);
    const polling = sqs
      .send(new ReceiveMessageCommand({ QueueUrl: simulator.queueUrl, WaitTimeSeconds: 20 }))
      .catch(() => 'refused');
    while (simulator.queue.polls === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    simulator.actions.createAccount({ accountName: 'late', email: 'late@example.com' });
    await simulator.close();
    await polling;
    await simulator.settled();
    expect(simulator.queue.sent).toBe(0);
  });
});
