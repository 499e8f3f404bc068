import { exitCodes } from '@orgtrail/service-runtime';
import type { z } from 'zod';
import { CommandError } from '../exit-error.js';
import { printable } from '../output/printable.js';
import { findApi, type ApiAddress } from './address.js';
import { integrationList, problem, type IntegrationShape } from './shapes.js';

export interface ApiClient {
  /** Sends, and parses the answer. Throws a `CommandError` with what the API said. */
  send<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, schema: z.ZodType<T>, body?: object): Promise<T>;
  /** The one that is named by id, organization id or name; without a name the only one there is. */
  integration(reference: string | undefined): Promise<IntegrationShape>;
}

/** Throws a `CommandError` when nobody says where the API is, or when the token would travel readable. */
export function createApiClient(given: ApiAddress, { timeoutMs = 30_000 }: { timeoutMs?: number } = {}): ApiClient {
  const { base, token } = findApi(given);
  const send: ApiClient['send'] = async (method, path, schema, body) => {
    const { ok, status, text } = await exchange(base, path, timeoutMs, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = readJson(text);
    if (!ok) throw refusal(status, answer, base);
    if (answer === notJson) {
      throw new CommandError(`${base} answered no JSON: something else listens there.`, exitCodes.failure);
    }
    const parsed = schema.safeParse(answer);
    if (!parsed.success) {
      throw new CommandError(
        `${base} answered something else than this version of orgtrail understands.`,
        exitCodes.failure,
        parsed.error,
      );
    }
    return parsed.data;
  };
  return {
    send,
    integration: async (reference) => {
      const { integrations } = await send('GET', '/v1/integrations', integrationList);
      return chosen(integrations, reference);
    },
  };
}

function chosen(integrations: readonly IntegrationShape[], reference: string | undefined): IntegrationShape {
  // A reference that is empty is a variable of a script that was not set: it names no integration, not the one without a name.
  const matching =
    reference === undefined
      ? integrations
      : integrations.filter(({ id, organizationId, name }) => reference !== '' && [id, organizationId, name].includes(reference));
  const [found] = matching;
  if (found && matching.length === 1) return found;
  if (integrations.length === 0) {
    throw new CommandError('There is no integration yet: make one with `orgtrail integration create`.', exitCodes.failure);
  }
  const names = integrations.map(({ id, name, organizationId }) =>
    `  ${id}  ${printable(name) || '(no name)'}  ${organizationId ?? ''}`.trimEnd(),
  );
  throw new CommandError(
    `${reference === undefined ? 'Say which integration' : `There is no integration "${printable(reference)}"`}:\n${names.join('\n')}`,
    exitCodes.usage,
  );
}

/** One request and its whole answer, in bounded time. */
async function exchange(
  base: string,
  path: string,
  timeoutMs: number,
  init: RequestInit,
): Promise<{ ok: boolean; status: number; text: string }> {
  try {
    const response = await fetch(`${base}${path}`, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch (cause) {
    if ((cause as { name?: unknown } | null)?.name === 'TimeoutError') {
      throw new CommandError(`${base} did not answer within ${timeoutMs / 1000} s.`, exitCodes.unavailable, cause);
    }
    const why = reasonOf(cause);
    throw new CommandError(
      `${base} does not answer${why === undefined ? '' : ` (${why})`}. Is \`orgtrail up\` (or discovery's API) running there?`,
      exitCodes.unavailable,
      cause,
    );
  }
}

/** `fetch` says "fetch failed"; what failed stands in its cause, for example ECONNREFUSED. */
function reasonOf(error: unknown): string | undefined {
  const { cause } = (error ?? {}) as { cause?: { code?: unknown; message?: unknown } };
  return [cause?.code, cause?.message].find((said): said is string => typeof said === 'string' && said !== '');
}

const notJson = Symbol('not JSON');

function readJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return notJson;
  }
}

function refusal(status: number, answer: unknown, base: string): CommandError {
  const said = problem.safeParse(answer);
  if (!said.success) return new CommandError(`${base} answered HTTP ${status}.`, exitCodeOf(status), undefined, status);
  const { detail, title, problems = [] } = said.data;
  const lines = problems.map(
    ({ field, problem: why, example }) =>
      `  ${printable(field)}: ${printable(why)}${example === undefined ? '' : ` (for example ${printable(textOf(example))})`}`,
  );
  const advice = status === 401 ? ' Set ORGTRAIL_TOKEN or ORGTRAIL_TOKEN_FILE.' : '';
  return new CommandError(
    lines.length > 0 ? `Not accepted:\n${lines.join('\n')}` : `${printable(detail ?? title)}${advice}`,
    exitCodeOf(status),
    undefined,
    status,
  );
}

const textOf = (example: unknown) => (typeof example === 'string' ? example : JSON.stringify(example));

/** 400 is what was typed. */
function exitCodeOf(status: number): number {
  if (status === 401 || status === 403) return exitCodes.config;
  return status === 400 ? exitCodes.usage : exitCodes.failure;
}
