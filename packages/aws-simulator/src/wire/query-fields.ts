import { isObject } from '../iam/policy-document.js';
import { AwsError } from './errors.js';

type Members = Readonly<Record<string, unknown>>;

export interface TextRules {
  pattern?: RegExp;
  maximum?: number;
}

/** A text of a query request that must be there; throws ValidationError. */
export function requiredText(input: Members, name: string, rules: TextRules = {}): string {
  const value = optionalText(input, name, rules);
  if (value === undefined || value === '') {
    throw validationError(
      `1 validation error detected: Value null at '${memberName(name)}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

export function optionalText(input: Members, name: string, { pattern, maximum = Infinity }: TextRules = {}): string | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.length <= maximum && (pattern === undefined || pattern.test(value))) return value;
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  throw validationError(
    `1 validation error detected: Value '${shown}' at '${memberName(name)}' failed to satisfy constraint: ` +
      (pattern === undefined ? 'Member is malformed' : `Member must satisfy regular expression pattern: ${pattern.source}`),
  );
}

/** Absent and empty lists are the same on the wire. */
export function membersOf(input: Members, name: string): readonly unknown[] {
  const value = input[name];
  if (value === undefined || value === '') return [];
  if (!Array.isArray(value)) throw validationError(`${name} is not a list.`);
  return value;
}

export function textsOf(input: Members, name: string): string[] {
  return membersOf(input, name).map((value) => {
    if (typeof value !== 'string') throw validationError(`${name} is not a list of texts.`);
    return value;
  });
}

/** `Tags.member.N.Key` and `.Value`. */
export function tagsOf(input: Members): Map<string, string> {
  return new Map(
    membersOf(input, 'Tags').map((tag) => {
      if (!isObject(tag)) throw validationError('A tag is malformed.');
      return [requiredText(tag, 'Key', { maximum: 128 }), optionalText(tag, 'Value', { maximum: 256 }) ?? ''];
    }),
  );
}

/** Refuses parameters that the simulator would otherwise leave out without a word. */
export function refuseOthers(input: Members, known: readonly string[]): void {
  const other = Object.keys(input).find((name) => !known.includes(name));
  if (other !== undefined) throw validationError(`The simulator does not know the parameter ${other} of this operation.`);
}

const memberName = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** `true` or `false`; throws ValidationError for other texts. */
export function optionalTruth(input: Members, name: string): boolean | undefined {
  const value = optionalText(input, name, { pattern: /^(true|false)$/ });
  return value === undefined ? undefined : value === 'true';
}

export const validationError = (message: string): AwsError => new AwsError('ValidationError', message);
