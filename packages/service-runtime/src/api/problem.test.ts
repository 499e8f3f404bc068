import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { parse, Problem } from './problem.js';

const schema = z.strictObject({ name: z.string(), tags: z.array(z.strictObject({ value: z.string() })).default([]) });

function refusal(given: unknown): Problem {
  try {
    parse(schema, given);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

it('names every field that is wrong', () => {
  expect(refusal({ tags: [{ value: 1 }] })).toMatchObject({
    status: 400,
    more: { code: 'INVALID', problems: [{ field: 'name' }, { field: 'tags.0.value' }] },
  });
});

it('refuses text that PostgreSQL cannot keep, wherever it stands', () => {
  for (const text of ['\0', 'a\0b', '\ud800', 'a\udc00']) {
    const { status, more } = refusal({ name: text, tags: [{ value: 'right' }, { value: text }] });
    expect({ status, fields: more.problems?.map(({ field }) => field) }).toEqual({
      status: 400,
      fields: ['name', 'tags.1.value'],
    });
    expect(refusal(text).message).toContain('(body): has the character U+0000');
  }
  expect(parse(schema, { name: '\u{1f600} \ufffd' })).toEqual({ name: '\u{1f600} \ufffd', tags: [] });
});

it('refuses what is nested so deeply that it could not be looked through', () => {
  const nested = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => [inner], 'x');
  for (const depth of [40, 20_000]) {
    expect(refusal({ name: nested(depth) })).toMatchObject({ status: 400, message: '(body): is nested in more than 32 levels' });
  }
});
