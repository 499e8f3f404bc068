import type { Decision } from './decision-table.js';
import { causeTexts, statusTexts } from './causes.js';
import type { NodeAbove } from './facts.js';
import type { ChangedBy } from './member.js';

/** The sentence that people read: why the member has this status, and who did it when an event says so. Pure. */
export function describeReason(
  { status, cause }: Decision,
  circumstances: { node?: NodeAbove | undefined; changedBy?: ChangedBy | undefined; tag: { key: string; value: string } },
): string {
  const { node, changedBy, tag } = circumstances;
  const who = changedBy?.principalArn === undefined ? '' : ` Tagged by ${changedBy.principalArn}${at(changedBy.eventTime)}.`;
  switch (cause) {
    case 'TAGGED':
      return `The account carries the tag ${tag.key} = ${tag.value}.${who}`;
    case 'ORGANIZATIONAL_UNIT_TAGGED':
      return node
        ? `Inherited: ${node.id.startsWith('r-') ? 'the root' : 'the organizational unit'} "${node.name}" (${node.id}) above the account carries the tag ${tag.key} = ${tag.value}.`
        : causeTexts[cause];
    default:
      return cause === undefined ? statusTexts[status] : causeTexts[cause];
  }
}

function at(time: string | undefined): string {
  return time === undefined ? '' : ` at ${time}`;
}
