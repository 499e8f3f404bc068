import { setTimeout as delay } from 'node:timers/promises';
import { unknown, type Check, type CheckResult, type Finding } from './check.js';

/** Longer than the slowest good answer; shorter than anybody's patience. */
const longestCheckMs = 20_000;

/**
 * Judges the checks in their order, so that each comes after what it needs. One whose needs did not turn out well is `unknown`, not
 * failed: one cause, one failed check. Never rejects.
 */
export async function runChecks<Examination>(
  checks: readonly Check<Examination>[],
  examination: Examination,
  { before = [], longestMs = longestCheckMs }: { before?: readonly CheckResult[]; longestMs?: number } = {},
): Promise<CheckResult[]> {
  const results = new Map(before.map((result) => [result.id, result]));
  for (const check of checks) {
    const blockedBy = rootsOf(check.needs.flatMap((id) => results.get(id) ?? []));
    const begun = performance.now();
    const finding =
      blockedBy.length > 0
        ? unknown(`Cannot be judged before ${blockedBy.join(', ')}`)
        : await judge(check, examination, longestMs);
    results.set(check.id, {
      id: check.id,
      asks: check.asks,
      ...finding,
      ...(finding.status === 'failed' ? { means: check.failureMeans } : {}),
      ...(blockedBy.length > 0 ? { blockedBy } : {}),
      milliseconds: Math.round(performance.now() - begun),
    });
  }
  return checks.flatMap(({ id }) => results.get(id) ?? []);
}

/** What has to be mended first: not what is unknown itself for want of something else. */
function rootsOf(needed: readonly CheckResult[]): string[] {
  const bad = needed.filter(({ status }) => status === 'failed' || status === 'unknown');
  return [...new Set(bad.flatMap(({ id, blockedBy }) => blockedBy ?? [id]))];
}

async function judge<Examination>(check: Check<Examination>, examination: Examination, longestMs: number): Promise<Finding> {
  const ended = new AbortController();
  try {
    return await Promise.race([
      check.run(examination),
      delay(longestMs, undefined, { signal: ended.signal }).then(() =>
        unknown(`No answer within ${Math.round(longestMs / 1000)} s`),
      ),
    ]);
  } catch (error) {
    return unknown(error instanceof Error ? error.message : String(error));
  } finally {
    ended.abort();
  }
}
