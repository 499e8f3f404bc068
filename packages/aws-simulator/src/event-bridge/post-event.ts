import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Timers } from '../timers.js';
import type { ApiDestination, Connection } from './api-destinations.js';

/** Where an event is posted to, as it is at the moment of the attempt. `undefined`: it is gone. */
export type FindDestination = () => { destination: ApiDestination; connection: Connection } | undefined;

export interface Posting {
  body: string;
  find: FindDestination;
  mostRetries: number;
  /** From the first attempt on. */
  longestMs: number;
  /** Nobody took it: why, and what ran out, if it was tried again. */
  onGivenUp(failure: PostFailure & { retries: number; exhausted?: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds' }): void;
}

export interface PostFailure {
  /** As in `ERROR_CODE` of a dead-letter queue. */
  code: 'ERROR_FROM_TARGET' | 'TIMEOUT' | 'CONNECTION_FAILURE' | 'NO_RESOURCE';
  message: string;
}

/** EventBridge waits so long for an answer. */
const timeoutMs = 5000;
const firstBackoffMs = 1000;
const longestBackoffMs = 60_000;
/** User guide of EventBridge, "API destinations": beside all of 5xx. */
const retriedStatuses: ReadonlySet<number> = new Set([401, 407, 409, 429]);

type Answer = { taken: true } | { taken: false; failure: PostFailure; again: boolean; afterMs?: number };

/** Posts events to API destinations, and again where that may help. */
export class EventPoster {
  readonly #timers: Timers;
  readonly #now: () => number;
  readonly #closed = new AbortController();
  /** By ARN of the destination: from when on the next one may be posted. */
  readonly #nextAt = new Map<string, number>();

  constructor(timers: Timers, now: () => number) {
    this.#timers = timers;
    this.#now = now;
  }

  post(posting: Posting): void {
    this.#attempt(posting, { since: this.#now(), retries: 0 });
  }

  close(): void {
    this.#closed.abort();
  }

  #attempt(posting: Posting, { since, retries }: { since: number; retries: number }): void {
    const found = posting.find();
    if (found === undefined) {
      posting.onGivenUp({ code: 'NO_RESOURCE', message: 'The API destination or its connection does not exist.', retries });
      return;
    }
    this.#timers.later(this.#waitFor(found.destination), () => {
      void this.#timers.during(
        send(found, posting.body, this.#closed.signal).then((answer) => {
          if (answer.taken || this.#closed.signal.aborted) return;
          const { failure, again, afterMs } = answer;
          const waitMs = afterMs ?? Math.min(firstBackoffMs * 2 ** retries, longestBackoffMs);
          if (!again) posting.onGivenUp({ ...failure, retries });
          else if (retries >= posting.mostRetries) posting.onGivenUp({ ...failure, retries, exhausted: 'MaximumRetryAttempts' });
          else if (this.#now() + waitMs - since > posting.longestMs) {
            posting.onGivenUp({ ...failure, retries, exhausted: 'MaximumEventAgeInSeconds' });
          } else this.#timers.later(waitMs, () => this.#attempt(posting, { since, retries: retries + 1 }));
        }),
      );
    });
  }

  /** What is more than the rate is late, and not lost. */
  #waitFor({ arn, invocationsPerSecond }: ApiDestination): number {
    const now = this.#now();
    const at = Math.max(now, this.#nextAt.get(arn) ?? 0);
    this.#nextAt.set(arn, at + 1000 / invocationsPerSecond);
    return at - now;
  }
}

function send(
  { destination, connection }: { destination: ApiDestination; connection: Connection },
  body: string,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(destination.endpoint);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const fail = (code: PostFailure['code'], message: string): void =>
      resolve({ taken: false, failure: { code, message }, again: true });
    const sending = request(
      url,
      {
        method: destination.method,
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        headers: {
          'User-Agent': 'Amazon/EventBridge/ApiDestinations',
          'Content-Type': 'application/json; charset=utf-8',
          Range: 'bytes=0-1048575',
          'Content-Length': Buffer.byteLength(body),
          [connection.header]: connection.value,
        },
      },
      (response) => {
        response.resume();
        response.once('error', (error) => fail('CONNECTION_FAILURE', error.message));
        response.once('end', () => resolve(answerOf(response.statusCode ?? 0, response.headers['retry-after'])));
      },
    );
    sending.once('error', (error) => {
      if (error.name === 'TimeoutError') fail('TIMEOUT', 'The endpoint did not answer within 5 s.');
      else fail('CONNECTION_FAILURE', error.message);
    });
    sending.end(body);
  });
}

function answerOf(status: number, retryAfter: string | undefined): Answer {
  if (status >= 200 && status < 300) return { taken: true };
  const failure: PostFailure = { code: 'ERROR_FROM_TARGET', message: `The endpoint answered with status ${status}.` };
  const seconds = Number(retryAfter);
  const afterMs = retryAfter === undefined || Number.isNaN(seconds) ? undefined : seconds * 1000;
  // A negative time asks to be left alone.
  const again = (status >= 500 || retriedStatuses.has(status)) && (afterMs ?? 0) >= 0;
  return { taken: false, failure, again, ...(afterMs === undefined ? {} : { afterMs }) };
}
