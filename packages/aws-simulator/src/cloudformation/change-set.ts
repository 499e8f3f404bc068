import type { PlannedChange } from './plan-changes.js';
import type { StackContent } from './stack.js';

export interface ChangeSet {
  /** Its ARN. */
  readonly id: string;
  readonly name: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly description: string | undefined;
  readonly kind: 'CREATE' | 'UPDATE';
  readonly content: StackContent;
  readonly changes: readonly PlannedChange[];
  readonly createdAt: number;
  status: 'CREATE_COMPLETE' | 'FAILED';
  readonly statusReason: string | undefined;
  executionStatus: 'AVAILABLE' | 'UNAVAILABLE' | 'EXECUTE_COMPLETE';
}
