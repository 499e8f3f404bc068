import { isObject } from '../iam/policy-document.js';
import { invalidEventPattern } from './event-bridge-errors.js';
import type { ValueTest } from './pattern.js';

type TextTest = (value: string) => boolean;

/** `{ "prefix": "a" }` and its like. */
export function operatorTest(item: Readonly<Record<string, unknown>>, path: string): ValueTest {
  const [[name, operand] = [''], ...others] = Object.entries(item);
  if (others.length > 0) throw invalidEventPattern(`Only one key allowed in match expression at ${path}`);
  switch (name) {
    case 'exists':
      if (typeof operand !== 'boolean') throw invalidEventPattern(`exists match pattern must be either true or false at ${path}`);
      return (value) => (value !== undefined) === operand;
    case 'numeric':
      return numericTest(operand, path);
    case 'anything-but':
      return anythingBut(operand, path);
    default: {
      const test = textTest(name, operand, path);
      return (value) => typeof value === 'string' && test(value);
    }
  }
}

function textTest(name: string, operand: unknown, path: string): TextTest {
  if ((name === 'prefix' || name === 'suffix') && isObject(operand)) {
    const wanted = operand['equals-ignore-case'];
    if (typeof wanted !== 'string' || Object.keys(operand).length > 1) throw notText(name, path);
    const test = textTest(name, wanted.toLowerCase(), path);
    return (value) => test(value.toLowerCase());
  }
  if (typeof operand !== 'string') {
    if (['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(name)) throw notText(name, path);
    throw invalidEventPattern(`Unrecognized match type ${name} at ${path}`);
  }
  switch (name) {
    case 'prefix':
      return (value) => value.startsWith(operand);
    case 'suffix':
      return (value) => value.endsWith(operand);
    case 'equals-ignore-case':
      return (value) => value.toLowerCase() === operand.toLowerCase();
    case 'wildcard':
      return wildcardTest(operand, path);
    default:
      throw invalidEventPattern(`Unrecognized match type ${name} at ${path}`);
  }
}

/** `*` is any text; `\*` and `\\` are themselves. */
function wildcardTest(wildcard: string, path: string): TextTest {
  const tokens = wildcard.match(/\\[*\\]|[\s\S]/g) ?? [];
  if (tokens.some((token, index) => token === '*' && tokens[index + 1] === '*')) {
    throw invalidEventPattern(`Consecutive wildcard characters at ${path}`);
  }
  const literal = (token: string): string => token.replace(/^\\(?=.)/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const expression = new RegExp(`^${tokens.map((token) => (token === '*' ? '.*' : literal(token))).join('')}$`, 's');
  return (value) => expression.test(value);
}

function anythingBut(operand: unknown, path: string): ValueTest {
  if (isObject(operand)) {
    const [[name, values] = [''], ...others] = Object.entries(operand);
    if (others.length > 0) throw invalidEventPattern(`Only one key allowed in match expression at ${path}`);
    const tests = [values].flat().map((value) => textTest(name, value, path));
    return (value) => value !== undefined && !(typeof value === 'string' && tests.some((test) => test(value)));
  }
  const values = [operand].flat();
  if (values.length === 0 || !values.every((value) => typeof value === 'string' || typeof value === 'number')) {
    throw invalidEventPattern(`Inside anything but list, start|null|boolean is not supported at ${path}`);
  }
  return (value) => value !== undefined && !values.includes(value as string | number);
}

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '=': (left, right) => left === right,
  '>=': (left, right) => left >= right,
  '>': (left, right) => left > right,
};

/** `[">", 0, "<=", 5]` */
function numericTest(operand: unknown, path: string): ValueTest {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw invalidEventPattern(`Invalid numeric match at ${path}`);
  }
  const pairs = Array.from({ length: operand.length / 2 }, (_, index) => {
    const [sign, limit] = operand.slice(index * 2, index * 2 + 2) as [unknown, unknown];
    const compare = typeof sign === 'string' && Object.hasOwn(comparisons, sign) ? comparisons[sign] : undefined;
    if (compare === undefined || typeof limit !== 'number') throw invalidEventPattern(`Invalid numeric match at ${path}`);
    return (value: number): boolean => compare(value, limit);
  });
  return (value) => typeof value === 'number' && pairs.every((holds) => holds(value));
}

const notText = (name: string, path: string) => invalidEventPattern(`${name} match pattern must be a string at ${path}`);
