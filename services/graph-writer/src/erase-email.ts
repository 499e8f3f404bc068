import type { JsonObject } from '@bufbuild/protobuf';
import { emailProperties } from '@orgtrail/graph-model';
import type { IncomingChange, PendingChange } from './change.js';

/**
 * The change without e-mail addresses where it is not newer than the version up to which they were erased: a dead letter that is
 * replayed, or a record that came late, must not bring back what was erased. Pure.
 */
export function withoutErasedEmail(change: PendingChange, purgedVersion: bigint | undefined): PendingChange {
  if (purgedVersion === undefined || change.version > purgedVersion) return change;
  // What is stored is not what the record says: a later one with the same content is not unchanged.
  const { scope, subject, version } = change;
  return { scope, subject, version, contentHash: null, read: () => withoutEmail(change.read()) };
}

function withoutEmail(change: IncomingChange): IncomingChange {
  const { content } = change;
  if (content.case === 'ended' || content.entity === null) return change;
  const properties = Object.fromEntries(
    Object.entries(JSON.parse(content.entity.properties) as JsonObject).filter(
      ([name]) => !emailProperties.some((email) => email === name),
    ),
  );
  return { ...change, content: { ...content, entity: { ...content.entity, properties: JSON.stringify(properties) } } };
}
