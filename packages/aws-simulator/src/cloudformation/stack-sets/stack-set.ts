import type { StackContent } from '../stack.js';

/** A service-managed stack set. */
export interface StackSet {
  /** `<name>:<uuid>` */
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  description: string | undefined;
  content: StackContent;
  autoDeployment: AutoDeployment;
  managedExecution: boolean;
  /** Where accounts that come later get an instance: by organizational unit (or root) and Region. */
  readonly targets: Map<string, DeploymentTarget>;
  /** By account and Region. */
  readonly instances: Map<string, StackInstance>;
  /** The oldest first. */
  readonly operations: StackSetOperation[];
}

export interface AutoDeployment {
  readonly enabled: boolean;
  readonly retainStacksOnAccountRemoval: boolean;
}

export interface DeploymentTarget {
  readonly organizationalUnitId: string;
  readonly region: string;
}

export interface StackInstance {
  readonly accountId: string;
  readonly region: string;
  /** The target that brought it here. */
  readonly organizationalUnitId: string;
  readonly stackId: string | undefined;
  readonly status: 'CURRENT' | 'OUTDATED';
  readonly detailedStatus: 'SUCCEEDED' | 'FAILED' | 'SKIPPED_SUSPENDED_ACCOUNT';
  readonly reason: string | undefined;
  readonly operationId: string;
}

export interface StackSetOperation {
  readonly id: string;
  readonly action: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly status: 'SUCCEEDED' | 'FAILED';
  /** Epoch milliseconds; it takes no time. */
  readonly at: number;
  readonly deploymentTargets: object | undefined;
  readonly preferences: object;
  readonly results: readonly OperationResult[];
  readonly retainStacks: boolean | undefined;
}

export interface OperationResult {
  readonly accountId: string;
  readonly region: string;
  readonly organizationalUnitId: string;
  readonly status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly reason: string | undefined;
}

export const instanceKey = (accountId: string, region: string): string => `${accountId} ${region}`;
