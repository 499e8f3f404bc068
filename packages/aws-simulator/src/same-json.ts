import { isDeepStrictEqual } from 'node:util';

/** Whether two texts say the same, as JSON or else letter by letter. */
export function sameJson(left: string, right: string): boolean {
  if (left === right) return true;
  try {
    return isDeepStrictEqual(JSON.parse(left), JSON.parse(right));
  } catch {
    // One of them is no JSON, and as texts they differ.
    return false;
  }
}
