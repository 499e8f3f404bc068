import type { TagValues } from '../observed/subject-state.js';

export interface SkipTag {
  key: string;
  value: string;
}

/** The key exactly as configured, the value without regard to case and surrounding blanks. */
export function hasSkipTag(tags: TagValues, skipTag: SkipTag): boolean {
  const value = Object.hasOwn(tags, skipTag.key) ? tags[skipTag.key] : undefined;
  return value !== undefined && normal(value) === normal(skipTag.value);
}

/**
 * Tags that look as if somebody had meant to skip the account, and that do not: each as a sentence that says what would. Never a guess.
 */
export function nearMisses(tags: TagValues, skipTag: SkipTag): string[] {
  if (hasSkipTag(tags, skipTag)) return [];
  const right = `The tag that skips an account is ${skipTag.key} = ${skipTag.value}`;
  const warnings: string[] = [];
  for (const [key, value] of Object.entries(tags)) {
    if (key === skipTag.key) {
      warnings.push(
        value.trim() === ''
          ? `The tag ${key} has no value, so the account is not skipped. ${right}.`
          : `The tag ${key} has the value "${shortened(value)}", so the account is not skipped. ${right}.`,
      );
    } else if (alphanumeric(key) === alphanumeric(skipTag.key)) {
      warnings.push(`The tag "${shortened(key)}" is spelled differently, so the account is not skipped. ${right}.`);
    } else if (
      normal(key).replaceAll(/\s/g, '') === normal(`${skipTag.key}:${skipTag.value}`) ||
      normal(key).replaceAll(/\s/g, '') === normal(`${skipTag.key}=${skipTag.value}`)
    ) {
      warnings.push(`The key of a tag is literally "${shortened(key)}", so the account is not skipped. ${right}.`);
    }
  }
  return warnings.sort();
}

const normal = (text: string): string => text.trim().toLowerCase();
const alphanumeric = (text: string): string => normal(text).replaceAll(/[^\p{L}\p{N}]/gu, '');
const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
