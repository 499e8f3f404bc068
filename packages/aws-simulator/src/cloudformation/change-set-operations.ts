import { randomUUID } from 'node:crypto';
import { AwsError } from '../wire/errors.js';
import { operationsOf, type ServiceCall } from '../wire/service.js';
import { optionalText, refuseOthers, requiredText } from '../wire/query-fields.js';
import type { ChangeSet } from './change-set.js';
import { invalid, notSimulated } from './cloudformation-errors.js';
import { contentOf, contentParameters } from './content-request.js';
import { changesAnything, planChanges, type PlannedChange } from './plan-changes.js';
import type { Stack, StackContent } from './stack.js';
import { namedStack, regionOf } from './stack-operations.js';
import { parameterList, tagList } from './stack-shapes.js';

export const changeSetOperations = operationsOf({
  CreateChangeSet: {
    kind: 'write',
    run: (call) => {
      const { input } = call;
      refuseOthers(input, ['StackName', 'ChangeSetName', 'ChangeSetType', 'Description', 'ClientToken', ...contentParameters]);
      const name = requiredText(input, 'ChangeSetName', { pattern: /^[A-Za-z][A-Za-z0-9-]*$/, maximum: 128 });
      const kind = optionalText(input, 'ChangeSetType') ?? 'UPDATE';
      if (kind !== 'CREATE' && kind !== 'UPDATE') throw notSimulated(`change sets of type ${kind}`);
      const { stack, content } = stackAndContent(call, kind);
      if (stack.changeSets.has(name))
        throw new AwsError('AlreadyExistsException', `ChangeSet ${name} already exists for stack ${stack.id}`);
      const changeSet = changeSetOf(call, { name, kind, stack, content });
      stack.changeSets.set(name, changeSet);
      return { Id: changeSet.id, StackId: stack.id };
    },
  },
  DescribeChangeSet: {
    kind: 'read',
    run: (call) => {
      const { changeSet } = named(call);
      return {
        ...summaryOf(changeSet),
        Parameters: parameterList(changeSet.content),
        Capabilities: changeSet.content.capabilities,
        Tags: tagList(changeSet.content.tags),
        NotificationARNs: [],
        RollbackConfiguration: {},
        Changes: changeSet.changes.map(changeShape),
      };
    },
  },
  ListChangeSets: {
    kind: 'read',
    run: (call) => ({ Summaries: [...namedStack(call).changeSets.values()].map(summaryOf) }),
  },
  ExecuteChangeSet: {
    kind: 'write',
    run: (call) => {
      const { stack, changeSet } = named(call);
      if (changeSet.executionStatus !== 'AVAILABLE') {
        throw new AwsError(
          'InvalidChangeSetStatus',
          `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${changeSet.status}]`,
        );
      }
      const { stacks } = call.aws.cloudFormation;
      if (changeSet.kind === 'UPDATE') stacks.refuseUnlessUpdatable(stack);
      // Executing one makes all of the stack's change sets void.
      for (const other of stack.changeSets.values()) other.executionStatus = 'UNAVAILABLE';
      changeSet.executionStatus = 'EXECUTE_COMPLETE';
      if (changeSet.kind === 'CREATE') stacks.create(stack, changeSet.content);
      else stacks.update(stack, changeSet.content);
      return {};
    },
  },
  DeleteChangeSet: {
    kind: 'write',
    run: (call) => {
      const { stack, changeSet } = named(call);
      stack.changeSets.delete(changeSet.name);
      return {};
    },
  },
});

function stackAndContent(call: ServiceCall, kind: ChangeSet['kind']): { stack: Stack; content: StackContent } {
  const { stacks } = call.aws.cloudFormation;
  const stackName = requiredText(call.input, 'StackName');
  const there = stacks.find(regionOf(call), stackName);
  if (kind === 'CREATE') {
    if (there !== undefined && there.status !== 'REVIEW_IN_PROGRESS') {
      throw invalid(`Stack [${stackName}] already exists and cannot be created again with the changeSet [CREATE].`);
    }
    const content = contentOf(call.input);
    return { stack: there ?? stacks.open(regionOf(call), stackName), content };
  }
  if (there === undefined) throw invalid(`Stack [${stackName}] does not exist`);
  stacks.refuseUnlessUpdatable(there);
  return { stack: there, content: contentOf(call.input, there.content) };
}

function changeSetOf(
  { aws, input }: ServiceCall,
  { name, kind, stack, content }: Pick<ChangeSet, 'name' | 'kind' | 'content'> & { stack: Stack },
): ChangeSet {
  const changes = changesAnything(stack, content) ? planChanges(stack, content) : undefined;
  const failed = kind === 'UPDATE' && changes === undefined;
  return {
    id: stack.id.replace(/:stack\/.*$/, `:changeSet/${name}/${randomUUID()}`),
    name,
    stackId: stack.id,
    stackName: stack.name,
    description: optionalText(input, 'Description'),
    kind,
    content,
    changes: changes ?? [],
    createdAt: aws.world.now(),
    status: failed ? 'FAILED' : 'CREATE_COMPLETE',
    statusReason: failed
      ? "The submitted information didn't contain changes. Submit different information to create a change set."
      : undefined,
    executionStatus: failed ? 'UNAVAILABLE' : 'AVAILABLE',
  };
}

/** By its ARN, or by its name and the stack's. */
function named(call: ServiceCall): { stack: Stack; changeSet: ChangeSet } {
  const name = requiredText(call.input, 'ChangeSetName');
  const stacks = name.startsWith('arn:') ? call.aws.cloudFormation.stacks.list(regionOf(call)) : [namedStack(call)];
  for (const stack of stacks) {
    const changeSet = [...stack.changeSets.values()].find((each) => each.name === name || each.id === name);
    if (changeSet !== undefined) return { stack, changeSet };
  }
  throw new AwsError('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, { status: 404 });
}

const summaryOf = (changeSet: ChangeSet): object => ({
  ChangeSetId: changeSet.id,
  ChangeSetName: changeSet.name,
  StackId: changeSet.stackId,
  StackName: changeSet.stackName,
  Description: changeSet.description,
  CreationTime: new Date(changeSet.createdAt),
  Status: changeSet.status,
  StatusReason: changeSet.statusReason,
  ExecutionStatus: changeSet.executionStatus,
  IncludeNestedStacks: false,
});

const changeShape = ({ action, logicalId, type, physicalId, replaced }: PlannedChange): object => ({
  Type: 'Resource',
  ResourceChange: {
    Action: action,
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    Replacement: action === 'Modify' ? (replaced ? 'True' : 'False') : undefined,
    Scope: action === 'Modify' ? ['Properties'] : [],
    Details: [],
  },
});
