import { outputsOf } from './plan-changes.js';
import type { DeployedResource, Stack, StackContent, StackEvent } from './stack.js';

const dateOf = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));

export const tagList = (tags: ReadonlyMap<string, string>): object[] => [...tags].map(([Key, Value]) => ({ Key, Value }));

/** As DescribeStacks shows it. */
export function stackShape(stack: Stack): object {
  const { content } = stack;
  const hasOutputs = content !== undefined && /^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status);
  return {
    ...summaryOf(stack),
    Description: content?.template.description,
    Parameters: content === undefined ? undefined : parameterList(content),
    Capabilities: content?.capabilities,
    Outputs: hasOutputs
      ? outputsOf(stack, content).map(({ key, value, description }) => ({
          OutputKey: key,
          OutputValue: value,
          Description: description,
        }))
      : undefined,
    Tags: tagList(content?.tags ?? new Map()),
    DisableRollback: false,
    NotificationARNs: [],
    RollbackConfiguration: {},
    EnableTerminationProtection: stack.terminationProtection,
  };
}

export function stackSummaryShape(stack: Stack): object {
  return { ...summaryOf(stack), TemplateDescription: stack.content?.template.description };
}

/** Values of parameters that are not to be shown are masked. */
export function parameterList({ template, parameters }: Pick<StackContent, 'template' | 'parameters'>): object[] {
  return [...parameters].map(([ParameterKey, value]) => {
    const noEcho = [true, 'true'].includes(template.parameters.get(ParameterKey)?.['NoEcho'] as boolean | string);
    return { ParameterKey, ParameterValue: noEcho ? '****' : value };
  });
}

export const eventShape = (stack: Stack, event: StackEvent): object => ({
  StackId: stack.id,
  StackName: stack.name,
  EventId: event.id,
  LogicalResourceId: event.logicalId,
  PhysicalResourceId: event.physicalId,
  ResourceType: event.type,
  Timestamp: new Date(event.at),
  ResourceStatus: event.status,
  ResourceStatusReason: event.reason,
  ResourceProperties: event.properties,
});

export const resourceShape = (stack: Stack, resource: DeployedResource): object => ({
  StackId: stack.id,
  StackName: stack.name,
  LogicalResourceId: resource.logicalId,
  PhysicalResourceId: resource.made.physicalId,
  ResourceType: resource.declared.type,
  Timestamp: new Date(resource.at),
  LastUpdatedTimestamp: new Date(resource.at),
  ResourceStatus: resource.status,
  DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
});

const summaryOf = (stack: Stack) => ({
  StackId: stack.id,
  StackName: stack.name,
  CreationTime: new Date(stack.createdAt),
  LastUpdatedTime: dateOf(stack.updatedAt),
  DeletionTime: dateOf(stack.deletedAt),
  StackStatus: stack.status,
  StackStatusReason: stack.statusReason,
  DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
});
