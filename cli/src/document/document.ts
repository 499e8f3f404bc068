/** What `orgtrail up --once --json` prints: the graph of one organization as one document. */
export interface OrganizationDocument {
  organization: { id: string; arn: string; managementAccountId: string; featureSet?: string };
  roots: { id: string; arn: string; name: string; tags?: Record<string, string> }[];
  organizationalUnits: OrganizationalUnitDocument[];
  accounts: AccountDocument[];
  /** Every live relationship: its type and the keys of its ends. */
  relationships: { type: string; from: string; to: string }[];
}

export interface OrganizationalUnitDocument {
  id: string;
  arn: string;
  name: string;
  /** Absent when placement was never read. */
  parentId?: string;
  /** Names from the root down to the parent. */
  path: string[];
  /** Absent when tags were never read: unread is not empty. */
  tags?: Record<string, string>;
}

/** The twelve documented properties of `aws_account`, its tags and its place. */
export interface AccountDocument {
  accountId: string;
  id: string;
  active: boolean | null;
  arn: string;
  orgAccountArn: string;
  name: string;
  orgAccountName: string;
  displayName: string;
  /** Absent while e-mail addresses are withheld. */
  email?: string;
  joinedMethod?: string;
  /** Epoch milliseconds. */
  joinedOn?: number;
  status: string;
  parentId?: string;
  /** Names from the root down to the parent. */
  path: string[];
  tags?: Record<string, string>;
  /** Whether the edge from the management account exists. */
  hasManagementEdge: boolean;
}

/** Figures of one sync, beside the document. */
export interface SyncSummary {
  accountsByState: Record<string, number>;
  accounts: number;
  organizationalUnits: number;
  relationshipsByType: Record<string, number>;
  relationships: number;
  /** AWS calls by operation, failed attempts included. */
  calls: Record<string, number>;
  totalCalls: number;
  seconds: number;
  /** Whether the listing was complete and nothing is left to be read: only then is the document known to be the organization. */
  complete: boolean;
  /** Why not, and optional parts that could not be read. */
  problems: string[];
}
