import { isObject } from '../iam/policy-document.js';
import { invalidParameterValue, missingParameter, sqsError } from './sqs-errors.js';

/** Members as SQS has them, UpperCamelCase. */
export type Request = Readonly<Record<string, unknown>>;

export const secondsMs = 1000;

export function text(request: Request, name: string): string {
  const value = request[name];
  if (typeof value === 'string' && value !== '') return value;
  throw missingParameter(name);
}

export function texts(request: Request, name: string): string[] {
  const value = request[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** Attributes and tags: texts by name. */
export function textsByName(request: Request, name: string): Record<string, string> {
  const value = request[name] ?? {};
  if (!isObject(value)) throw invalidParameterValue(`The value of ${name} is not a map.`);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, String(member)]));
}

export function integer(request: Request, name: string, absent: number, [least, most]: [number, number]): number {
  const value = request[name];
  if (value === undefined || value === null) return absent;
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  throw invalidParameterValue(
    `Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
  );
}

/** A batch call succeeds as a whole and fails by entry. */
export function eachEntry(request: Request, act: (entry: Request) => object | undefined): object {
  const entries = (request['Entries'] ?? []) as readonly Request[];
  const ids = entries.map((entry) => text(entry, 'Id'));
  if (entries.length === 0) throw sqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10) throw sqsError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.');
  if (new Set(ids).size < ids.length) throw sqsError('BatchEntryIdsNotDistinct', 'Two or more entries have the same Id.');
  const successful: object[] = [];
  const failed: object[] = [];
  for (const entry of entries) {
    const failure = act(entry);
    if (failure === undefined) successful.push({ Id: entry['Id'] });
    else failed.push({ Id: entry['Id'], ...failure });
  }
  return { Successful: successful, Failed: failed };
}
