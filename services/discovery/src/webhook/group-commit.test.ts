import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createGroupCommit, type GroupCommitLimits } from './group-commit.js';

const limits: GroupCommitLimits = {
  gatherMs: 1,
  mostMessages: 3,
  mostBytes: 100,
  mostWaiting: 8,
  mostWaitingBytes: 1000,
  longestWaitMs: 10_000,
  mostTransactions: 2,
};
const [one, other, third] = [{ id: 'one' }, { id: 'other' }, { id: 'third' }];

/** Commits when it is told to. */
function byHand(more: Partial<GroupCommitLimits> = {}) {
  const begun: { scope: string; messages: readonly string[]; commit(): void; fail(error: Error): void }[] = [];
  const group = createGroupCommit<{ id: string }, string, string>({
    commit: (scope, messages) => {
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      begun.push({ scope: scope.id, messages, commit: () => resolve(messages.map((message) => `${message}!`)), fail: reject });
      return promise;
    },
    limits: { ...limits, ...more },
  });
  return { begun, group };
}
const soon = () => delay(20);

describe('posts that come in', () => {
  it('are committed with those that come at the same time, each told its own result', async () => {
    const { begun, group } = byHand();
    const posts = ['a', 'b'].map((message) => group.submit(one, message, 1).verdict);
    await soon();
    expect(begun.map(({ messages }) => messages)).toEqual([['a', 'b']]);
    begun[0]!.commit();
    expect(await Promise.all(posts)).toEqual([
      { kind: 'committed', result: 'a!' },
      { kind: 'committed', result: 'b!' },
    ]);
  });

  it('wait for the transaction that runs, and go into the next, as many as it takes', async () => {
    const { begun, group } = byHand();
    group.submit(one, 'a', 1);
    await soon();
    for (const message of ['b', 'c']) group.submit(one, message, 1);
    group.submit(one, 'd', 99);
    await soon();
    expect(begun).toHaveLength(1);
    begun[0]!.commit();
    await soon();
    // Three messages would be too many bytes.
    expect(begun[1]?.messages).toEqual(['b', 'c']);
    begun[1]!.commit();
    await soon();
    expect(begun[2]?.messages).toEqual(['d']);
  });

  it('are not kept waiting by another scope whose transaction is stuck', async () => {
    const { begun, group } = byHand();
    group.submit(one, 'stuck', 1);
    await soon();
    group.submit(other, 'a', 1);
    await soon();
    begun[1]!.commit();
    group.submit(third, 'b', 1);
    await soon();
    expect(begun.map(({ scope }) => scope)).toEqual(['one', 'other', 'third']);
  });

  it('are refused at once when the queue is full in number or bytes, or when the first waits too long', async () => {
    const saturated = { kind: 'saturated' };
    const many = byHand();
    // One scope has half of the queue.
    for (let index = 0; index < 4; index += 1) many.group.submit(one, 'a', 1);
    expect(await many.group.submit(one, 'a', 1).verdict).toEqual(saturated);
    for (let index = 0; index < 4; index += 1) many.group.submit(other, 'a', 1);
    expect(await many.group.submit(third, 'a', 1).verdict).toEqual(saturated);

    const large = byHand();
    large.group.submit(one, 'a', 500);
    large.group.submit(other, 'a', 400);
    expect(await large.group.submit(third, 'a', 101).verdict).toEqual(saturated);

    const slow = byHand({ longestWaitMs: 10 });
    slow.group.submit(one, 'a', 1);
    await soon();
    slow.group.submit(one, 'b', 1);
    await soon();
    expect(await slow.group.submit(one, 'c', 1).verdict).toEqual(saturated);
  });

  it('leave half of the bytes and of the places to other scopes, also while they are being committed', async () => {
    const { begun, group } = byHand();
    group.submit(one, 'a', 400);
    await soon();
    expect(begun).toHaveLength(1);
    expect(await group.submit(one, 'b', 101).verdict).toEqual({ kind: 'saturated' });
    for (let index = 0; index < 3; index += 1) group.submit(one, 'c', 1);
    expect(await group.submit(one, 'd', 1).verdict).toEqual({ kind: 'saturated' });
    const { verdict } = group.submit(other, 'e', 500);
    await soon();
    begun[1]!.commit();
    expect(await verdict).toEqual({ kind: 'committed', result: 'e!' });
  });

  it('leave room for others when they are done', async () => {
    const { begun, group } = byHand({ mostWaitingBytes: 20 });
    group.submit(one, 'a', 10);
    await soon();
    begun[0]!.commit();
    await soon();
    const { verdict } = group.submit(one, 'b', 10);
    await soon();
    begun[1]!.commit();
    expect(await verdict).toMatchObject({ kind: 'committed' });
  });

  it('are told when the transaction failed, and the next one is tried', async () => {
    const { begun, group } = byHand();
    const { verdict } = group.submit(one, 'a', 1);
    await soon();
    const error = new Error('no database');
    begun[0]!.fail(error);
    expect(await verdict).toEqual({ kind: 'failed', error });
    group.submit(one, 'b', 1);
    await soon();
    expect(begun[1]?.messages).toEqual(['b']);
  });

  it('are left out when nobody waits for them any more', async () => {
    const { begun, group } = byHand();
    group.submit(one, 'a', 1);
    await soon();
    group.submit(one, 'b', 1).abandon();
    group.submit(one, 'c', 1);
    begun[0]!.commit();
    await soon();
    expect(begun[1]?.messages).toEqual(['c']);
  });

  it('are all finished before it is idle', async () => {
    const { begun, group } = byHand();
    await group.idle();
    group.submit(one, 'a', 1);
    let isIdle = false;
    const idle = group.idle().then(() => (isIdle = true));
    await soon();
    expect(isIdle).toBe(false);
    begun[0]!.commit();
    await idle;
  });
});
