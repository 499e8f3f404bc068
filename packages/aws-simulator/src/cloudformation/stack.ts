import type { Made } from './resources/resource-type.js';
import type { TemplateResource, Template } from './template/template.js';
import type { ChangeSet } from './change-set.js';

export type StackStatus =
  | 'REVIEW_IN_PROGRESS'
  | 'CREATE_COMPLETE'
  | 'CREATE_FAILED'
  | 'ROLLBACK_COMPLETE'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_ROLLBACK_COMPLETE'
  | 'DELETE_COMPLETE'
  | 'DELETE_FAILED';

/** A stack as its last operation left it: operations take no time. */
export interface Stack {
  /** Its ARN. */
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  updatedAt: number | undefined;
  deletedAt: number | undefined;
  status: StackStatus;
  statusReason: string | undefined;
  /** `undefined` while it waits for its first change set to be executed. */
  content: StackContent | undefined;
  readonly resources: Map<string, DeployedResource>;
  /** The oldest first. */
  readonly events: StackEvent[];
  readonly changeSets: Map<string, ChangeSet>;
  terminationProtection: boolean;
}

/** What a stack was told to be. */
export interface StackContent {
  readonly template: Template;
  readonly parameters: ReadonlyMap<string, string>;
  readonly capabilities: readonly string[];
  readonly tags: ReadonlyMap<string, string>;
}

export interface DeployedResource {
  readonly logicalId: string;
  readonly declared: TemplateResource;
  readonly made: Made;
  /** With functions carried out. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly status: string;
  readonly at: number;
}

export interface StackEvent {
  readonly id: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly properties: string | undefined;
  readonly at: number;
}
