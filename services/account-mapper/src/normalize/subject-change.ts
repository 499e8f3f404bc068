import type { JsonObject } from '@bufbuild/protobuf';
import type { DescribedRelationship, EntityKind, OrganizationScope } from '@orgtrail/graph-model';

/** What a subject owns, as the normalizers say it. */
export interface OwnedByObservation {
  entity?: {
    kind: EntityKind;
    key: string;
    displayName: string;
    /** The account that the entity counts for. */
    accountId: string;
    properties: JsonObject;
  };
  relationships: (DescribedRelationship & { properties?: JsonObject })[];
}

export type Scope = OrganizationScope;

/** The record violates the contract: it can never be processed. */
export class ContractViolation extends Error {
  readonly code: 'UNPARSABLE' | 'CONTRACT_VIOLATION';
  constructor(code: ContractViolation['code'], message: string) {
    super(message);
    this.name = 'ContractViolation';
    this.code = code;
  }
}
