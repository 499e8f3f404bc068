import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { ContractViolation } from './record-failure.js';

// PostgreSQL stores neither U+0000 nor half a surrogate pair in text or jsonb (SQLSTATE 22P05, 22P02).
const unstorable = /\0|\p{Surrogate}/gu;

/** The text with every character that Postgres cannot store replaced by U+FFFD: one odd tag must not cost the record. */
export function storableText(text: string): string {
  return text.replace(unstorable, '\uFFFD');
}

/** Whoever reads it goes down by calling himself. */
const deepest = 32;

/** The same for a whole JSON object, keys included. Throws a `ContractViolation` for a number that JSON cannot say, and for what is nested too deeply. */
export function storableObject(object: JsonObject, depth = 1): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [storableText(key), storableValue(value, depth)]));
}

function storableValue(value: JsonValue, depth: number): JsonValue {
  if (typeof value === 'string') return storableText(value);
  if (depth > deepest) {
    throw new ContractViolation('CONTRACT_VIOLATION', `A property is nested in more than ${deepest} levels.`);
  }
  if (Array.isArray(value)) return value.map((one) => storableValue(one, depth + 1));
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new ContractViolation('CONTRACT_VIOLATION', 'A property is not a finite number.');
    // JSON has no negative zero: stored and read again it is 0, which must not look like a change.
    return value === 0 ? 0 : value;
  }
  return value !== null && typeof value === 'object' ? storableObject(value, depth + 1) : value;
}
