import { AwsError } from '@orgtrail/aws';
import type { ReadProblem } from './sync-findings.js';

/** An optional part that answers with an error of any shape is not read; it never fails the sync. */
export async function optional<T>(read: string, problems: ReadProblem[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    problems.push({ read, error: messageOf(error) });
    return undefined;
  }
}

/** Without credentials or a network nothing more can be read: better to stop than to collect the same failure a hundred times. */
export function isFatal(error: unknown): boolean {
  return error instanceof AwsError && ['credentials', 'not-in-organization', 'unreachable'].includes(error.kind);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
