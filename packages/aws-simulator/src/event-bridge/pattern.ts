import { isObject } from '../iam/policy-document.js';
import { operatorTest } from './pattern-operators.js';
import { invalidEventPattern } from './event-bridge-errors.js';

/** Whether an event is let through. */
export type PatternTest = (event: unknown) => boolean;

/** Tests one value; `undefined` where the event has none. */
export type ValueTest = (value: unknown) => boolean;

/** Reads an event pattern. Throws InvalidEventPatternException for what EventBridge refuses, and for what is not simulated. */
export function patternTest(text: string): PatternTest {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    // As EventBridge, whose place of the error would be a parser's own.
    throw invalidEventPattern('not a JSON object');
  }
  if (!isObject(pattern)) throw invalidEventPattern('not a JSON object');
  return objectTest(pattern, '');
}

function objectTest(pattern: Readonly<Record<string, unknown>>, path: string): PatternTest {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw invalidEventPattern(`Empty objects are not allowed${path === '' ? '' : ` at ${path}`}`);
  const tests = entries.map(([name, member]) => memberTest(name, member, path === '' ? name : `${path}.${name}`));
  return (event) => tests.every((test) => test(event));
}

function memberTest(name: string, member: unknown, path: string): PatternTest {
  if (name === '$or') return alternatives(member, path);
  if (Array.isArray(member)) {
    if (member.length === 0) throw invalidEventPattern(`Empty arrays are not allowed at ${path}`);
    const tests = member.map((item) => itemTest(item, path));
    return (event) => valuesOf(memberOf(event, name)).some((value) => tests.some((test) => test(value)));
  }
  if (!isObject(member)) throw invalidEventPattern(`"${path}" must be an object or an array`);
  const below = objectTest(member, path);
  return (event) => objectsOf(memberOf(event, name)).some(below);
}

function alternatives(member: unknown, path: string): PatternTest {
  if (!Array.isArray(member) || member.length < 2 || !member.every(isObject)) {
    throw invalidEventPattern(`There must have at least 2 Objects in "$or" relationship at ${path}`);
  }
  const tests = member.map((pattern) => objectTest(pattern, path));
  return (event) => tests.some((test) => test(event));
}

function itemTest(item: unknown, path: string): ValueTest {
  if (isObject(item)) return operatorTest(item, path);
  if (Array.isArray(item)) throw invalidEventPattern(`Arrays in arrays are not allowed at ${path}`);
  return (value) => value === item;
}

const memberOf = (event: unknown, name: string): unknown =>
  isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;

/** Of a list any member may match. An object is no leaf, and so is as good as absent. */
function valuesOf(member: unknown): unknown[] {
  const values = [member].flat(Infinity).filter((value) => value !== undefined && !isObject(value));
  return values.length === 0 ? [undefined] : values;
}

/** What is absent has no members, which is what `exists: false` looks for. */
function objectsOf(member: unknown): unknown[] {
  const objects = [member].flat(Infinity).filter(isObject);
  return objects.length === 0 ? [{}] : objects;
}
