import { operationsOf, type ServiceCall } from '../wire/service.js';
import { optionalText, optionalTruth, refuseOthers, requiredText, textsOf } from '../wire/query-fields.js';
import { invalid, notSimulated } from './cloudformation-errors.js';
import { contentOf, contentParameters } from './content-request.js';
import type { Stack } from './stack.js';
import { eventShape, resourceShape, stackShape, stackSummaryShape } from './stack-shapes.js';
import type { OnFailure, StackRegion } from './stacks.js';

/** Where a call acts: the caller's account, in the Region of its signature. */
export const regionOf = ({ caller, region }: ServiceCall): StackRegion => ({ accountId: caller.accountId, region });

export const namedStack = (call: ServiceCall): Stack =>
  call.aws.cloudFormation.stacks.get(regionOf(call), requiredText(call.input, 'StackName'));

export const stackOperations = operationsOf({
  CreateStack: {
    kind: 'write',
    run: (call) => {
      const { input, aws } = call;
      refuseOthers(input, [
        'StackName',
        ...contentParameters,
        ...onFailureParameters,
        ...indifferent,
        'EnableTerminationProtection',
      ]);
      const content = contentOf(input);
      const onFailure = onFailureOf(call);
      const { stacks } = aws.cloudFormation;
      const stack = stacks.open(regionOf(call), requiredText(input, 'StackName'));
      stack.terminationProtection = optionalTruth(input, 'EnableTerminationProtection') ?? false;
      stacks.create(stack, content, onFailure);
      return { StackId: stack.id };
    },
  },
  UpdateStack: {
    kind: 'write',
    run: (call) => {
      refuseOthers(call.input, ['StackName', ...contentParameters, ...indifferent]);
      const { stacks } = call.aws.cloudFormation;
      const stack = namedStack(call);
      stacks.refuseUnlessUpdatable(stack);
      stacks.update(stack, contentOf(call.input, stack.content));
      return { StackId: stack.id };
    },
  },
  DeleteStack: {
    kind: 'write',
    run: (call) => {
      refuseOthers(call.input, ['StackName', 'ClientRequestToken']);
      const { stacks } = call.aws.cloudFormation;
      const stack = stacks.find(regionOf(call), requiredText(call.input, 'StackName'));
      // Deleting what is not there succeeds.
      if (stack !== undefined) stacks.delete(stack);
      return undefined;
    },
  },
  DescribeStacks: {
    kind: 'read',
    run: (call) => {
      const all = (): Stack[] =>
        call.aws.cloudFormation.stacks.list(regionOf(call)).filter(({ status }) => status !== 'DELETE_COMPLETE');
      const stacks = optionalText(call.input, 'StackName') === undefined ? all() : [namedStack(call)];
      return { Stacks: stacks.map(stackShape) };
    },
  },
  ListStacks: {
    kind: 'read',
    run: (call) => {
      const filter = textsOf(call.input, 'StackStatusFilter');
      const stacks = call.aws.cloudFormation.stacks.list(regionOf(call));
      const shown = stacks.filter(({ status }) => filter.length === 0 || filter.includes(status));
      return { StackSummaries: shown.map(stackSummaryShape) };
    },
  },
  DescribeStackEvents: {
    kind: 'read',
    run: (call) => {
      const stack = namedStack(call);
      return { StackEvents: [...stack.events].reverse().map((event) => eventShape(stack, event)) };
    },
  },
  DescribeStackResources: {
    kind: 'read',
    run: (call) => {
      const stack = namedStack(call);
      const wanted = optionalText(call.input, 'LogicalResourceId');
      const resources = [...stack.resources.values()].filter(({ logicalId }) => logicalId === (wanted ?? logicalId));
      return { StackResources: resources.map((resource) => resourceShape(stack, resource)) };
    },
  },
  DescribeStackResource: {
    kind: 'read',
    run: (call) => {
      const stack = namedStack(call);
      const logicalId = requiredText(call.input, 'LogicalResourceId');
      const resource = stack.resources.get(logicalId);
      if (resource === undefined) throw invalid(`Resource ${logicalId} does not exist for stack ${stack.name}`);
      return { StackResourceDetail: resourceShape(stack, resource) };
    },
  },
  ListStackResources: {
    kind: 'read',
    run: (call) => {
      const stack = namedStack(call);
      return { StackResourceSummaries: [...stack.resources.values()].map((resource) => resourceShape(stack, resource)) };
    },
  },
  UpdateTerminationProtection: {
    kind: 'write',
    run: (call) => {
      const stack = namedStack(call);
      stack.terminationProtection = optionalTruth(call.input, 'EnableTerminationProtection') ?? false;
      return { StackId: stack.id };
    },
  },
});

const onFailureParameters = ['OnFailure', 'DisableRollback'];
/** Without consequence here: operations take no time, and repeated calls come to the same. */
const indifferent = ['ClientRequestToken', 'TimeoutInMinutes'];

function onFailureOf({ input }: ServiceCall): OnFailure {
  const given = optionalText(input, 'OnFailure');
  const disabled = optionalTruth(input, 'DisableRollback');
  if (given !== undefined && disabled !== undefined) throw invalid('Only one of OnFailure or DisableRollback may be specified.');
  if (given === undefined) return disabled ? 'DO_NOTHING' : 'ROLLBACK';
  if (given === 'ROLLBACK' || given === 'DELETE' || given === 'DO_NOTHING') return given;
  throw notSimulated(`OnFailure ${given}`);
}
