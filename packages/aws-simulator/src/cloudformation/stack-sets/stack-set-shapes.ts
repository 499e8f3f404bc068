import { neededCapabilities } from '../prepare-template.js';
import { parameterList, tagList } from '../stack-shapes.js';
import type { OperationResult, StackInstance, StackSet, StackSetOperation } from './stack-set.js';

export const stackSetSummaryShape = (stackSet: StackSet): object => ({
  StackSetName: stackSet.name,
  StackSetId: stackSet.id,
  Description: stackSet.description,
  Status: 'ACTIVE',
  AutoDeployment: autoDeploymentShape(stackSet),
  PermissionModel: 'SERVICE_MANAGED',
  ManagedExecution: { Active: stackSet.managedExecution },
});

export const stackSetShape = (stackSet: StackSet): object => ({
  ...stackSetSummaryShape(stackSet),
  StackSetARN: stackSet.arn,
  TemplateBody: stackSet.content.template.text,
  Parameters: parameterList(stackSet.content),
  Capabilities: neededCapabilities(stackSet.content.template).capabilities,
  Tags: tagList(stackSet.content.tags),
  OrganizationalUnitIds: [...new Set([...stackSet.targets.values()].map(({ organizationalUnitId }) => organizationalUnitId))],
  Regions: [...new Set([...stackSet.targets.values()].map(({ region }) => region))],
});

export const operationSummaryShape = (operation: StackSetOperation): object => ({
  OperationId: operation.id,
  Action: operation.action,
  Status: operation.status,
  CreationTimestamp: new Date(operation.at),
  EndTimestamp: new Date(operation.at),
  OperationPreferences: operation.preferences,
  StatusDetails: { FailedStackInstancesCount: operation.results.filter(({ status }) => status === 'FAILED').length },
});

export const operationShape = (stackSet: StackSet, operation: StackSetOperation): object => ({
  ...operationSummaryShape(operation),
  StackSetId: stackSet.id,
  RetainStacks: operation.retainStacks,
  DeploymentTargets: operation.deploymentTargets,
});

export const resultShape = ({ accountId, region, organizationalUnitId, status, reason }: OperationResult): object => ({
  Account: accountId,
  Region: region,
  OrganizationalUnitId: organizationalUnitId,
  Status: status,
  StatusReason: reason,
});

export const instanceShape = (stackSet: StackSet, instance: StackInstance): object => ({
  StackSetId: stackSet.id,
  Account: instance.accountId,
  Region: instance.region,
  StackId: instance.stackId,
  OrganizationalUnitId: instance.organizationalUnitId,
  Status: instance.status,
  StatusReason: instance.reason,
  StackInstanceStatus: { DetailedStatus: instance.detailedStatus },
  LastOperationId: instance.operationId,
  DriftStatus: 'NOT_CHECKED',
  ParameterOverrides: [],
});

/** What is kept on removal is told only where accounts come and go by themselves, as AWS does. */
const autoDeploymentShape = ({ autoDeployment: { enabled, retainStacksOnAccountRemoval } }: StackSet): object =>
  enabled ? { Enabled: true, RetainStacksOnAccountRemoval: retainStacksOnAccountRemoval } : { Enabled: false };
