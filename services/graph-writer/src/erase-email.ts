import { emailProperties } from '@orgtrail/graph-model';
import type { IncomingChange } from './change.js';

/**
 * The change without e-mail addresses where it is not newer than the version up to which they were erased: a dead letter that is
 * replayed, or a record that came late, must not bring back what was erased. Pure.
 */
export function withoutErasedEmail(change: IncomingChange, purgedVersion: bigint | undefined): IncomingChange {
  const { content } = change;
  if (purgedVersion === undefined || change.version > purgedVersion) return change;
  if (content.case === 'ended' || content.entity === null) return change;
  const properties = Object.fromEntries(
    Object.entries(content.entity.properties).filter(([name]) => !emailProperties.some((email) => email === name)),
  );
  return { ...change, content: { ...content, entity: { ...content.entity, properties } } };
}
