import type { JsonObject } from '@bufbuild/protobuf';

/** What happened to a key, as the history has it. `RETURNED`: it lives again after it had ended. */
export type ChangeKind = 'BASELINE' | 'CREATED' | 'UPDATED' | 'ENDED' | 'RETURNED';

/** Who did what, from one event. Times as ISO text: this is also how it is stored. */
export interface StoredCause {
  eventId: string;
  eventName: string;
  eventTime?: string;
  principalArn?: string;
  invokedBy?: string;
  receivedAt?: string;
}

export interface EntityContent {
  key: string;
  type: string;
  classes: string[];
  displayName: string;
  accountId: string | null;
  properties: JsonObject;
}

export interface RelationshipContent {
  key: string;
  type: string;
  class: string;
  fromKey: string;
  toKey: string;
  properties: JsonObject;
}

/** All that a living subject owns. */
export interface PresentContent {
  case: 'present';
  entity: EntityContent | null;
  relationships: RelationshipContent[];
}

/** One graph change of the bus, checked against the contract. */
export interface IncomingChange {
  scope: string;
  subject: string;
  version: bigint;
  observedAt: Date;
  cause: StoredCause | null;
  baseline: boolean;
  content: PresentContent | { case: 'ended'; reason: string };
}

/** What has to be done with everything in a scope, under the same version guard as every subject. */
export interface ScopeChange extends Omit<IncomingChange, 'content'> {
  /** The scope is closed: everything in it ends, later records are dropped. */
  removed: boolean;
  /** Erase the e-mail addresses that are stored. */
  purgeEmail: boolean;
}

/** The whole state of a key after a change, as the history keeps it. The fields of an entity are absent where the subject owns none. */
export interface StoredState extends Partial<Omit<EntityContent, 'key'>> {
  relationships: RelationshipContent[];
}

/** The content alone of rows that carry more. */
export function entityContent({ key, type, classes, displayName, accountId, properties }: EntityContent): EntityContent {
  return { key, type, classes, displayName, accountId, properties };
}

export function relationshipContent(row: RelationshipContent): RelationshipContent {
  return { key: row.key, type: row.type, class: row.class, fromKey: row.fromKey, toKey: row.toKey, properties: row.properties };
}
