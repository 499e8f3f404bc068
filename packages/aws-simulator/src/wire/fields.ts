import { invalidInput } from './errors.js';

/** Members of a request, with names in lowerCamelCase, unchecked. */
export type Input = Readonly<Record<string, unknown>>;

interface TextRules {
  pattern?: RegExp;
  /** In UTF-16 code units. */
  maximum?: number;
  minimum?: number;
}

/** A text that must be there; throws InvalidInputException. */
export function text(input: Input, name: string, rules: TextRules = {}): string {
  const value = input[name];
  if (value === undefined || value === null) throw invalidInput('INPUT_REQUIRED', `You must specify a value for ${name}.`);
  return checkedText(value, name, rules);
}

export function optionalText(input: Input, name: string, rules: TextRules = {}): string | undefined {
  const value = input[name];
  return value === undefined || value === null ? undefined : checkedText(value, name, rules);
}

export function optionalInteger(input: Input, name: string): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw invalidInput('INVALID_PATTERN', `${name} is not an integer.`);
  return value;
}

/** A list of objects or texts; absent is empty. */
export function list(input: Input, name: string): readonly unknown[] {
  const value = input[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidInput('INVALID_LIST_MEMBER', `${name} is not a list.`);
  return value;
}

export function object(value: unknown, name: string): Input {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidInput('INPUT_REQUIRED', `You must specify a value for ${name}.`);
  }
  return value as Input;
}

/** `tags[{key, value}]`, with AWS's limits on keys and values; a key may occur once. */
export function tags(input: Input): Map<string, string> {
  const found = new Map<string, string>();
  for (const member of list(input, 'tags')) {
    const tag = object(member, 'tag');
    const key = text(tag, 'key', { minimum: 1, maximum: 128 });
    const value = text(tag, 'value', { maximum: 256 });
    if (key.toLowerCase().startsWith('aws:')) {
      throw invalidInput('INVALID_SYSTEM_TAGS_PARAMETER', 'You specified a tag key that is a system tag.');
    }
    if (found.has(key))
      throw invalidInput('DUPLICATE_TAG_KEY', 'Tag keys must be unique among the tags attached to the same entity.');
    found.set(key, value);
  }
  return found;
}

function checkedText(value: unknown, name: string, { pattern, minimum = 0, maximum = Infinity }: TextRules): string {
  if (typeof value !== 'string') throw invalidInput('INVALID_PATTERN', `${name} is not a string.`);
  if (value.length < minimum) throw invalidInput('MIN_LENGTH_EXCEEDED', `${name} is shorter than ${minimum} characters.`);
  if (value.length > maximum) throw invalidInput('MAX_LENGTH_EXCEEDED', `${name} is longer than ${maximum} characters.`);
  if (pattern !== undefined && !pattern.test(value)) {
    throw invalidInput('INVALID_PATTERN', `You specified a value for ${name} that doesn't match the pattern.`);
  }
  return value;
}
