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

/**
 * Parses what a stranger sent; a `Problem` names every field that is wrong, why, and what a right one looks like. Text that PostgreSQL could not keep, or even
 * compare, is refused here for all routes.
 */
export function parse<T>(schema: z.ZodType<T>, given: unknown): T {
  const unstorable = fieldsWithUnstorableText(given).map((field) => ({ field, problem: unstorableProblem }));
  if (unstorable.length > 0) throw invalid(unstorable);
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw invalid(result.error.issues.map(({ path, message }) => ({ field: path.join('.') || wholeBody, problem: message })));
}

const wholeBody = '(body)';

function invalid(problems: readonly FieldProblem[]): Problem {
  return new Problem(400, problems.map(({ field, problem }) => `${field}: ${problem}`).join('; '), { code: 'INVALID', problems });
}

// Neither U+0000 nor half a surrogate pair stands in text or jsonb (SQLSTATE 22021, 22P05, 22P02).
const unstorableText = /\0|\p{Surrogate}/u;
const unstorableProblem = 'has the character U+0000 or half a surrogate pair, which no text here can have: leave it out';

/** No route takes more, and whoever looks at it goes down by calling himself. */
const deepest = 32;

function fieldsWithUnstorableText(given: unknown, path: readonly string[] = []): string[] {
  if (typeof given === 'string') return unstorableText.test(given) ? [path.join('.') || wholeBody] : [];
  if (typeof given !== 'object' || given === null) return [];
  if (path.length >= deepest) throw invalid([{ field: wholeBody, problem: `is nested in more than ${deepest} levels` }]);
  return Object.entries(given).flatMap(([name, value]) => fieldsWithUnstorableText(value, [...path, name]));
}
