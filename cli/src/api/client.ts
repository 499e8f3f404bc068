import { readFileSync } from 'node:fs';
import { isLoopback } from '@orgtrail/aws';
import { exitCodes } from '@orgtrail/service-runtime';
import type { z } from 'zod';
import { CommandError } from '../exit-error.js';
import { openDataDirectory, readConnection } from '../up/data-directory.js';
import { integrationList, problem, type IntegrationShape } from './shapes.js';

/** Where the API is, as every command of `integration` and `members` takes it. */
export interface ApiAddress {
  url?: string;
  demo?: boolean;
  dataDirectory?: string;
}

export interface ApiClient {
  /** Sends, and parses the answer. Throws a `CommandError` with what the API said. */
  send<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, schema: z.ZodType<T>, body?: object): Promise<T>;
  /** The one that is named by id, organization id or name; without a name the only one there is. */
  integration(reference: string | undefined): Promise<IntegrationShape>;
}

const timeoutMs = 30_000;

/** Throws a `CommandError` when nobody says where the API is, or when the token would travel readable. */
export function createApiClient(given: ApiAddress): ApiClient {
  const base = findUrl(given);
  const token = findToken();
  if (token !== undefined && new URL(base).protocol !== 'https:' && !isLoopback(base)) {
    throw new CommandError(
      `The token would be readable on its way to ${base}. Use https, or a port-forward to this machine.`,
      exitCodes.config,
    );
  }
  const send: ApiClient['send'] = async (method, path, schema, body) => {
    const response = await reach(base, path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = text === '' ? undefined : readJson(text, base);
    if (!response.ok) throw refusal(response.status, answer, base);
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
      const matching =
        reference === undefined
          ? integrations
          : integrations.filter(({ id, organizationId, name }) => [id, organizationId, name].includes(reference));
      const [found] = matching;
      if (found && matching.length === 1) return found;
      const names = integrations.map(
        ({ id, name, organizationId }) => `  ${id}  ${name || '(no name)'}  ${organizationId ?? ''}`,
      );
      if (integrations.length === 0) {
        throw new CommandError('There is no integration yet: make one with `orgtrail integration create`.', exitCodes.failure);
      }
      throw new CommandError(
        `${reference === undefined ? 'Say which integration' : `There is no integration "${reference}"`}:\n${names.join('\n')}`,
        exitCodes.usage,
      );
    },
  };
}

function findUrl({ url, demo, dataDirectory }: ApiAddress): string {
  const given = url ?? process.env['ORGTRAIL_URL'];
  if (given !== undefined && given !== '') {
    if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
      throw new CommandError(`Not a URL of the API: ${given}. A right one is http://127.0.0.1:8080.`, exitCodes.usage);
    }
    return given.replace(/\/+$/, '');
  }
  const directory = dataDirectory ?? (demo === true ? '.orgtrail/demo' : '.orgtrail/up');
  const found = readConnection(openDataDirectory(directory))?.apiUrl;
  if (found !== undefined) return found;
  throw new CommandError(
    `Nobody says where the API is: run \`orgtrail up${demo === true ? ' --demo' : ''}\` beside this${demo === true ? '' : ' (add --demo here for the demo)'}, or set ORGTRAIL_URL or --url.`,
    exitCodes.config,
  );
}

function findToken(): string | undefined {
  const file = process.env['ORGTRAIL_TOKEN_FILE'];
  if (file !== undefined && file !== '') {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (cause) {
      throw new CommandError(`ORGTRAIL_TOKEN_FILE: ${file} cannot be read.`, exitCodes.config, cause);
    }
  }
  const token = process.env['ORGTRAIL_TOKEN'];
  return token === '' ? undefined : token;
}

async function reach(base: string, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${base}${path}`, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new CommandError(
      `${base} does not answer. Is \`orgtrail up\` (or discovery's API) running there?`,
      exitCodes.unavailable,
      cause,
    );
  }
}

function readJson(text: string, base: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CommandError(`${base} answered no JSON: something else listens there.`, exitCodes.failure, cause);
  }
}

function refusal(status: number, answer: unknown, base: string): CommandError {
  const said = problem.safeParse(answer);
  if (!said.success) return new CommandError(`${base} answered HTTP ${status}.`, exitCodes.failure);
  const { detail, title, problems } = said.data;
  const lines = problems?.map((one) => `  ${one.field}: ${one.problem}`) ?? [];
  const advice = status === 401 ? ' Set ORGTRAIL_TOKEN or ORGTRAIL_TOKEN_FILE.' : '';
  const message = lines.length > 0 ? `Not accepted:\n${lines.join('\n')}` : `${detail ?? title}${advice}`;
  return new CommandError(
    message,
    status === 401 || status === 403 ? exitCodes.config : status === 400 ? exitCodes.usage : exitCodes.failure,
  );
}
