import { describe, expect, it } from '@jest/globals';
import { Throttle } from './throttle.js';

const admitted = (throttle: Throttle, operation: string, accountId: string, calls: number): number => {
  let count = 0;
  for (let call = 0; call < calls; call += 1) {
    try {
      throttle.admit(operation, accountId);
      count += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: 'TooManyRequestsException' });
    }
  }
  return count;
};

describe('the published token buckets', () => {
  it('admit a burst, then the sustained rate', () => {
    let now = 0;
    const throttle = new Throttle(() => now);
    expect(admitted(throttle, 'ListAccounts', '111111111111', 50)).toBe(12);
    now += 1000;
    expect(admitted(throttle, 'ListAccounts', '111111111111', 50)).toBe(8);
    now += 3_600_000;
    expect(admitted(throttle, 'ListAccounts', '111111111111', 50)).toBe(12);
  });

  it('are one for each operation', () => {
    const throttle = new Throttle(() => 0);
    expect(admitted(throttle, 'ListRoots', '111111111111', 10)).toBe(2);
    expect(admitted(throttle, 'DescribeAccount', '111111111111', 100)).toBe(30);
    expect(admitted(throttle, 'ListTagsForResource', '111111111111', 100)).toBe(15);
  });

  it('are shared by the whole organization beside the account', () => {
    const throttle = new Throttle(() => 0);
    expect(admitted(throttle, 'ListAccounts', '111111111111', 50)).toBe(12);
    expect(admitted(throttle, 'ListAccounts', '222222222222', 50)).toBe(3);
    expect(admitted(throttle, 'TagResource', '111111111111', 50)).toBe(6);
    expect(admitted(throttle, 'TagResource', '222222222222', 50)).toBe(6);
  });
});
