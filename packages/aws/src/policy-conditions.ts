import { everyOf, type Judgement } from './judgement.js';

/** Policies write one value where a list has one. */
export const listOf = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];

/** `*` and `?`, as in policies. */
export function matchesGlob(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}

/** Each of the six parts of an ARN for itself: a star in one never reaches into the next. */
function matchesArn(pattern: string, arn: string): boolean {
  const parts = (text: string): string[] => [...text.split(':', 5), text.split(':').slice(5).join(':')];
  const wanted = parts(pattern);
  return parts(arn).every((part, place) => matchesGlob(wanted[place] ?? '', part));
}

type Match = (wanted: string, actual: string) => boolean;
const operators: Readonly<Record<string, { match: Match; negated?: boolean }>> = {
  StringEquals: { match: (wanted, actual) => wanted === actual },
  StringNotEquals: { match: (wanted, actual) => wanted === actual, negated: true },
  StringEqualsIgnoreCase: { match: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase() },
  StringNotEqualsIgnoreCase: { match: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(), negated: true },
  StringLike: { match: matchesGlob },
  StringNotLike: { match: matchesGlob, negated: true },
  ArnEquals: { match: matchesArn },
  ArnLike: { match: matchesArn },
  ArnNotEquals: { match: matchesArn, negated: true },
  ArnNotLike: { match: matchesArn, negated: true },
  Bool: { match: (wanted, actual) => wanted.toLowerCase() === actual },
};

/** Whether a statement's condition holds in a context, whose keys are in small letters. A key that it lacks can not be judged. */
export function conditionHolds(condition: unknown, context: Readonly<Record<string, string>>): Judgement {
  if (condition === undefined) return true;
  if (typeof condition !== 'object' || condition === null) return undefined;
  return everyOf(
    Object.entries(condition as Record<string, unknown>).flatMap(([name, keys]) => {
      const operator = operators[name.replace(/IfExists$/, '')];
      if (!operator || typeof keys !== 'object' || keys === null) return [undefined];
      return Object.entries(keys as Record<string, unknown>).map(([key, values]) => {
        const actual = context[key.toLowerCase()];
        if (actual === undefined) return undefined;
        const found = listOf(values).some((value) => operator.match(String(value), actual));
        return operator.negated ? !found : found;
      });
    }),
  );
}
