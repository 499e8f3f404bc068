import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { databaseAddress, isPoison, isTransient, retryTransient } from './index.js';

const withCode = (code: string): Error => Object.assign(new Error('no'), { code });

describe('isTransient and isPoison', () => {
  it('no SQLSTATE is both, and poison is exactly the classes 22 and 23', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Z]{5}$/), (code) => {
        const error = withCode(code);
        expect(isPoison(error)).toBe(code.startsWith('22') || code.startsWith('23'));
        expect(isPoison(error) && isTransient(error)).toBe(false);
      }),
    );
  });

  it.each([
    '25P03',
    '25P04',
    '40001',
    '40P01',
    '57P01',
    '57P02',
    '57P03',
    '53100',
    '53300',
    '08006',
    'ECONNREFUSED',
    'ECONNRESET',
  ])('%s is transient, also as the cause of another error', (code) => {
    expect(isTransient(withCode(code))).toBe(true);
    expect(isTransient(new Error('wrapped', { cause: withCode(code) }))).toBe(true);
  });

  it.each(['42P01', '42501', '57014', '23505', '28P01'])('%s is not', (code) => {
    expect(isTransient(withCode(code))).toBe(false);
  });

  it('what is not an error is neither', () => {
    expect([isTransient('40001'), isTransient(undefined), isPoison({ code: '22000' })]).toEqual([false, false, false]);
  });
});

describe('retryTransient', () => {
  it('hands on the result of the first attempt that succeeds', async () => {
    let calls = 0;
    const work = async (): Promise<number> => {
      calls += 1;
      if (calls < 3) throw withCode('40001');
      return calls;
    };
    expect(await retryTransient(work, { firstPauseMs: 1 })).toBe(3);
  });

  it('gives up after the attempts it was given, with the last error', async () => {
    let calls = 0;
    const work = async (): Promise<never> => {
      calls += 1;
      throw Object.assign(new Error(`attempt ${calls}`), { code: '53300' });
    };
    await expect(retryTransient(work, { attempts: 4, firstPauseMs: 1 })).rejects.toThrow('attempt 4');
  });

  it('does not repeat what will fail again', async () => {
    let calls = 0;
    const work = async (): Promise<never> => {
      calls += 1;
      throw withCode('23505');
    };
    await expect(retryTransient(work)).rejects.toMatchObject({ code: '23505' });
    expect(calls).toBe(1);
  });

  it('stops waiting when the signal is aborted', async () => {
    const stop = new AbortController();
    const attempt = retryTransient(async () => Promise.reject(withCode('57P01')), {
      attempts: 1_000,
      firstPauseMs: 600_000,
      random: () => 1,
      signal: stop.signal,
      onRetry: () => stop.abort(),
    });
    await expect(attempt).rejects.toMatchObject({ code: '57P01' });
  });
});

describe('databaseAddress', () => {
  it.each([
    ['postgres://me:geheim@db.example:6432/app', 'db.example:6432'],
    ['postgres://me:geheim@db.example/app?sslmode=require', 'db.example:5432'],
    ['postgresql:///app?host=/run/postgresql', '/run/postgresql:5432'],
    ['postgres://[::1]:5433/app', '[::1]:5433'],
    ['not a connection string: geheim', 'an address that cannot be read'],
  ])('of %s is %s', (connectionString, address) => {
    expect(databaseAddress(connectionString)).toBe(address);
  });
});
