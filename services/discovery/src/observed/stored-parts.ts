import type { GoneReason, SubjectState, Versioned } from './subject-state.js';

/** `parts` as it stands in the jsonb column: versions as text, since JSON has no 64-bit integers. */
export type StoredParts = Partial<Record<keyof SubjectState['parts'], { version: string; value: unknown }>>;

export function encodeParts(state: SubjectState): StoredParts {
  return Object.fromEntries(
    Object.entries(state.parts).map(([part, stored]: [string, Versioned<unknown>]) => [
      part,
      { version: stored.version.toString(), value: stored.value },
    ]),
  );
}

/** The column is written by `encodeParts` only, so its shape is trusted. */
export function decodeState(parts: StoredParts, goneVersion: string, goneReason: GoneReason | null): SubjectState {
  const decoded = Object.fromEntries(
    Object.entries(parts).map(([part, stored]) => [part, { version: BigInt(stored.version), value: stored.value }]),
  ) as SubjectState['parts'];
  return { parts: decoded, goneVersion: BigInt(goneVersion), ...(goneReason === null ? {} : { goneReason }) };
}
