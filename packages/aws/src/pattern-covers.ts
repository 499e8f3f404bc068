import { everyOf, someOf, type Judgement } from './judgement.js';

/**
 * Whether an event pattern of EventBridge lets through at least all that another one does. `narrower` also where it is no pattern;
 * `unknown` where it uses what is not judged here (a union over several fields, addresses).
 */
export function patternCovers(given: unknown, wanted: unknown): 'covers' | 'narrower' | 'unknown' {
  if (!isObject(given)) return 'narrower';
  const judged = fieldsCover(given, isObject(wanted) ? wanted : {});
  return judged === undefined ? 'unknown' : judged ? 'covers' : 'narrower';
}

type Fields = Readonly<Record<string, unknown>>;

/** All fields of a pattern must match, so each of the given ones must let through what is wanted. */
function fieldsCover(given: Fields, wanted: Fields): Judgement {
  return everyOf(
    Object.entries(given).map(([name, matcher]) => {
      if (name === '$or') return oneCovers(matcher, wanted);
      const other = Object.hasOwn(wanted, name) ? wanted[name] : undefined;
      if (isObject(matcher)) return fieldsCover(matcher, isObject(other) ? other : {});
      return Array.isArray(matcher) && valuesCover(matcher, Array.isArray(other) ? other : undefined);
    }),
  );
}

/** One alternative that covers is enough. Several that do so together are not looked for. */
function oneCovers(alternatives: unknown, wanted: Fields): Judgement {
  if (!Array.isArray(alternatives)) return false;
  return alternatives.some((alternative) => isObject(alternative) && fieldsCover(alternative, wanted) === true)
    ? true
    : undefined;
}

/** `wanted` undefined: the other pattern says nothing of this field, so that any value, and none, has to pass. */
function valuesCover(given: readonly unknown[], wanted: readonly unknown[] | undefined): Judgement {
  if (!wanted) return given.some((one) => existence(one) === true) && given.some((one) => existence(one) === false);
  return everyOf(wanted.map((value) => someOf(given.map((matcher) => matcherCovers(matcher, value)))));
}

function matcherCovers(matcher: unknown, wanted: unknown): Judgement {
  if (JSON.stringify(matcher) === JSON.stringify(wanted)) return true;
  if (!isObject(wanted)) return isObject(matcher) ? matches(matcher, wanted) : false;
  const wantsExistence = existence(wanted);
  // Every other matcher needs a value to be there.
  if (existence(matcher) === true) return wantsExistence !== false;
  if (wantsExistence === false) return false;
  return isObject(matcher) && existence(matcher) === undefined ? undefined : false;
}

/** Whether a matcher lets one value through. */
function matches(matcher: Fields, value: unknown): Judgement {
  const exists = existence(matcher);
  if (exists !== undefined) return exists;
  const [[operator, operand] = ['', undefined]] = Object.entries(matcher);
  if (operator === 'anything-but') return anythingBut(operand, value);
  if (typeof value !== 'string') return operator === 'numeric' ? undefined : false;
  switch (operator) {
    case 'prefix':
    case 'suffix': {
      const folded = isObject(operand);
      const end = folded ? operand['equals-ignore-case'] : operand;
      if (typeof end !== 'string') return undefined;
      const [text, part] = folded ? [value.toLowerCase(), end.toLowerCase()] : [value, end];
      return operator === 'prefix' ? text.startsWith(part) : text.endsWith(part);
    }
    case 'equals-ignore-case':
      return typeof operand === 'string' && operand.toLowerCase() === value.toLowerCase();
    case 'wildcard':
      return typeof operand === 'string' ? globOf(operand).test(value) : undefined;
    default:
      return undefined;
  }
}

function anythingBut(operand: unknown, value: unknown): Judgement {
  if (!isObject(operand)) return !(Array.isArray(operand) ? operand : [operand]).includes(value);
  const [[operator, operands] = ['', undefined]] = Object.entries(operand);
  const excluded = someOf(
    (Array.isArray(operands) ? (operands as unknown[]) : [operands]).map((one) => matches({ [operator]: one }, value)),
  );
  return excluded === undefined ? undefined : !excluded;
}

const existence = (matcher: unknown): boolean | undefined =>
  isObject(matcher) && typeof matcher['exists'] === 'boolean' ? matcher['exists'] : undefined;

/** `*` stands for anything, `\\*` for a star. */
const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split(/(\\.|\*)/s)
      .map((part) => (part === '*' ? '.*' : part.replace(/^\\(?=.)/s, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
      .join('')}$`,
    's',
  );

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
