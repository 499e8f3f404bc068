import type { Part } from '../subjects.js';
import type { Explanation } from './event-kind.js';
import type { EventCause } from './hint.js';
import { eventKinds } from './registry.js';

export interface ExplainableChange {
  kind: 'created' | 'ended' | 'updated';
  changedParts: readonly Part[];
  /** Names of the changed members of the core. Unknown: the part alone decides. */
  changedFields?: readonly string[];
}

const explanations = new Map<string, Explanation[]>();
for (const kind of eventKinds) explanations.set(kind.name, [...(explanations.get(kind.name) ?? []), kind.explains]);

/** Whether an event of this name can have caused this change, or a part of it. */
export function explains(cause: EventCause, change: ExplainableChange): boolean {
  return (explanations.get(cause.eventName) ?? []).some((explanation) => fits(explanation, change));
}

function fits(explanation: Explanation, { kind, changedParts, changedFields }: ExplainableChange): boolean {
  switch (kind) {
    case 'created':
      return explanation.created === true;
    case 'ended':
      return explanation.ended === true;
    case 'updated':
      return changedParts.some((part) => {
        const fields = explanation.updated?.[part];
        if (fields === undefined) return false;
        return fields === 'any' || changedFields === undefined || fields.some((field) => changedFields.includes(field));
      });
    default:
      return kind satisfies never;
  }
}
