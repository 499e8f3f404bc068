/// <reference lib="esnext.error" />
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { databaseAddress } from './address.js';
import { isTransient } from './errors.js';

export interface WaitSettings {
  timeoutMs: number;
  /** Where the address came from, usually the variable: it stands in the message. */
  label: string;
  signal?: AbortSignal | undefined;
}

/** Postgres did not answer in time (exit code 69), or answered and refused us (78). The message names host and port. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
  readonly exitCode: 69 | 78;
  constructor(message: string, options: { exitCode: 69 | 78; cause: unknown }) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode;
  }
}

const pauseMs = 250;
const oneAttemptMs = 5_000;

/**
 * Resolves as soon as Postgres answers a query. Rejects with a `DatabaseUnavailableError` when it has not after `timeoutMs`, and
 * at once when waiting cannot help (wrong password, no such database); with the signal's reason when that is aborted.
 */
export async function waitForDatabase(pool: pg.Pool, settings: WaitSettings): Promise<void> {
  const { timeoutMs, label, signal } = settings;
  const deadline = performance.now() + timeoutMs;
  const where = `Postgres at ${databaseAddress(pool)} (${label})`;
  for (;;) {
    signal?.throwIfAborted();
    const left = deadline - performance.now();
    const failure = await failureOf(pool, Math.max(1, Math.min(oneAttemptMs, left)));
    if (failure === undefined) return;
    if (!isTransient(failure) && !(failure instanceof NoAnswer)) {
      throw new DatabaseUnavailableError(`${where} refused the connection: ${reasonOf(failure)}`, {
        exitCode: 78,
        cause: failure,
      });
    }
    if (deadline - performance.now() <= pauseMs) {
      const waited = `${Math.round(timeoutMs / 100) / 10} s`;
      throw new DatabaseUnavailableError(`${where} did not answer within ${waited}: ${reasonOf(failure)}`, {
        exitCode: 69,
        cause: failure,
      });
    }
    await delay(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}

class NoAnswer extends Error {}

async function failureOf(pool: pg.Pool, boundMs: number): Promise<unknown> {
  const bound = new AbortController();
  const query = pool.query('SELECT 1').then(
    () => undefined,
    (error: unknown) => error,
  );
  const timer = delay(boundMs, new NoAnswer('no answer'), { signal: bound.signal }).catch(() => undefined);
  try {
    return await Promise.race([query, timer]);
  } finally {
    bound.abort();
  }
}

function reasonOf(error: unknown): string {
  // Node reports "all addresses of this name failed" as an AggregateError with an empty message.
  if (Error.isError(error) && 'errors' in error && Array.isArray(error.errors) && error.message === '')
    return reasonOf(error.errors[0]);
  return Error.isError(error) && error.message !== '' ? error.message : String(error);
}
