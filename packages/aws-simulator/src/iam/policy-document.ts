import { malformedPolicy } from './iam-errors.js';

type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A policy document from the text of a request. Throws MalformedPolicyDocument. */
export function documentOf(text: string): JsonObject {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // IAM does not tell what exactly is wrong with it either.
    throw malformedPolicy('This policy contains invalid Json');
  }
  if (!isObject(document)) throw malformedPolicy('Syntax errors in policy.');
  const { Version = '2012-10-17', ...others } = document;
  if (Version !== '2012-10-17' && Version !== '2008-10-17')
    throw malformedPolicy('The policy must contain a valid version string');
  if (Object.keys(others).some((name) => name !== 'Statement' && name !== 'Id'))
    throw malformedPolicy('Syntax errors in policy.');
  return document;
}

/** The statements, whose members nobody has looked at yet but `Sid`. */
export function statementsOf({ Statement }: JsonObject): JsonObject[] {
  const statements = [Statement].flat();
  if (statements.length === 0 || !statements.every(isObject)) throw malformedPolicy('Syntax errors in policy.');
  const ids = statements.flatMap(({ Sid }) => (Sid === undefined ? [] : [Sid]));
  if (!ids.every((id) => typeof id === 'string' && /^[A-Za-z0-9]*$/.test(id))) {
    throw malformedPolicy('Statement IDs (SID) can only contain alphanumeric characters.');
  }
  if (new Set(ids).size < ids.length) throw malformedPolicy('Statement IDs (SID) in a single policy must be unique.');
  return statements;
}

/** One text, or a list of them. */
export function listOf(value: unknown): string[] {
  const items = [value].flat();
  if (items.length === 0 || !items.every((item) => typeof item === 'string')) throw malformedPolicy('Syntax errors in policy.');
  return items;
}
