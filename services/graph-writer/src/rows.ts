import type { EntityContent, RelationshipContent, StoredCause } from './change.js';

/** What the planner needs of the stored rows. */
export interface StoredSubject {
  scope: string;
  subject: string;
  version: bigint;
  live: boolean;
  /** False where only an ending is known. */
  everLive: boolean;
}

export interface StoredEntity extends EntityContent {
  scope: string;
  subject: string;
  live: boolean;
}

export interface StoredRelationship extends RelationshipContent {
  scope: string;
  owner: string;
  live: boolean;
}

export interface StoredRows {
  subjects: readonly StoredSubject[];
  entities: readonly StoredEntity[];
  relationships: readonly StoredRelationship[];
}

/** What it wants written. */
export interface SubjectRow extends StoredSubject {
  endedReason: string | null;
}

export interface EntityRow extends StoredEntity {
  version: bigint;
  endedReason: string | null;
  cause: StoredCause | null;
}

export interface ConfirmedEntity {
  scope: string;
  key: string;
  version: bigint;
}

export interface Owner {
  scope: string;
  owner: string;
}

export interface RelationshipRow extends StoredRelationship {
  version: bigint;
}

export interface RowsToWrite {
  /** Every subject whose version advances. */
  subjects: SubjectRow[];
  /** Entities whose content or life changes, whole. */
  entities: EntityRow[];
  /** Entities of which only the version advances. */
  confirmed: ConfirmedEntity[];
  /** Owners whose relationships change: exactly `relationships` is theirs afterwards. */
  owners: Owner[];
  relationships: RelationshipRow[];
}
