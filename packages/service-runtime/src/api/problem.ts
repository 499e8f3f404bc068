import type { Response } from 'express';
import type { z } from 'zod';

/** An answer that refuses, by RFC 9457. `code` is for programs. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    detail: string,
    readonly more: { code?: string; problems?: readonly FieldProblem[] } = {},
  ) {
    super(detail);
  }
}

export interface FieldProblem {
  /** For example `excludeOrganizationalUnits.0`. */
  field: string;
  problem: string;
}

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

export function sendProblem(response: Response, { status, message, more }: Problem): void {
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title: titles[status] ?? 'Error', status, detail: message, ...more }));
}

/** Parses what a stranger sent; a `Problem` names every field that is wrong, why, and what a right one looks like. */
export function parse<T>(schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => ({ field: path.join('.') || '(body)', problem: message }));
  throw new Problem(400, problems.map(({ field, problem }) => `${field}: ${problem}`).join('; '), { code: 'INVALID', problems });
}
