import { idPatterns } from '../subjects.js';
import { isJsonObject, type JsonObject } from './bounded-json.js';
import type { CloudTrailRecord } from './record.js';

/** The object at the end of a path of own members. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject | undefined {
  const found = valueAt(value, path);
  return isJsonObject(found) ? found : undefined;
}

/** The text at the end of a path of own members. Ids only: names and addresses in events are masked or personal, and are never read. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, path);
  return typeof found === 'string' ? found : undefined;
}

/** The value of one member, for example a `state`, for comparing without regard to case: the pages of AWS spell some both ways. */
export function upperCaseAt(value: unknown, ...path: readonly string[]): string | undefined {
  return textAt(value, ...path)?.toUpperCase();
}

export function accountIdAt(value: unknown, ...path: readonly string[]): string | undefined {
  return asAccountId(valueAt(value, path));
}

/** Who made the call. */
export function callingAccountId(record: CloudTrailRecord): string | undefined {
  return accountIdAt(record.userIdentity, 'accountId') ?? asAccountId(record.recipientAccountId);
}

/** The account that a call of Account Management is about: named when another acts for it, absent when it acts on itself. */
export function targetAccountId(record: CloudTrailRecord): string | undefined {
  const isNamed = (record.requestParameters?.['accountId'] ?? null) !== null;
  return isNamed ? accountIdAt(record.requestParameters, 'accountId') : callingAccountId(record);
}

/**
 * Every account id anywhere in these values except the management account's: of the membership events AWS documents the members, but not
 * where the account's id stands. At most `limit` are returned.
 */
export function findAccountIds(values: readonly unknown[], managementAccountId: string, limit: number): string[] {
  const found = new Set<string>();
  const open = [...values];
  while (open.length > 0 && found.size < limit) {
    const value = open.pop();
    const id = asAccountId(value);
    if (id !== undefined && id !== managementAccountId) found.add(id);
    if (Array.isArray(value)) for (const item of value as unknown[]) open.push(item);
    else if (isJsonObject(value)) {
      // The GovCloud twin of a new account lives in another partition's organization.
      for (const [key, member] of Object.entries(value)) if (key !== 'govCloudAccountId') open.push(member);
    }
  }
  return [...found].sort();
}

const accountArn = /^arn:[a-z-]+:organizations::\d{12}:account\/o-[a-z0-9]+\/(\d{12})$/;

function asAccountId(value: unknown): string | undefined {
  if (typeof value === 'number' && value >= 1e11 && value < 1e12 && Number.isInteger(value)) return String(value);
  if (typeof value !== 'string') return undefined;
  return idPatterns.account.test(value) ? value : accountArn.exec(value)?.[1];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (current, key) => (isJsonObject(current) && Object.hasOwn(current, key) ? current[key] : undefined),
    value,
  );
}
