import { explains, type ExplainableChange } from '../events/explains.js';
import type { SubjectChange } from '../observed/merge.js';
import type { Part } from '../subjects.js';

/** `created`, `ended`, `updated-core`, `updated-placement`, `updated-tags`: by these names what syncs found is counted. */
export function foundKindsOf({ kind, changedParts }: Pick<SubjectChange, 'kind' | 'changedParts'>): string[] {
  return kind === 'updated' ? changedParts.map((part) => `updated-${part}`) : [kind];
}

const countable: readonly ExplainableChange[] = [
  { kind: 'created', changedParts: [] },
  { kind: 'ended', changedParts: [] },
  ...(['core', 'placement', 'tags'] as const satisfies readonly Part[]).map((part): ExplainableChange => ({
    kind: 'updated',
    changedParts: [part],
  })),
];

/** All of them. */
export const foundKinds: readonly string[] = countable.flatMap((change) => foundKindsOf(change));

/** Which of them an event of this name can have caused. Pure. */
export function foundKindsExplainedBy(event: { eventId: string; eventName: string }): string[] {
  return countable.filter((change) => explains(event, change)).flatMap((change) => foundKindsOf(change));
}
