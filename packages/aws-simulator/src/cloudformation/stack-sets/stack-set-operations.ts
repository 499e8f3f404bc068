import { isObject } from '../../iam/policy-document.js';
import { perform } from '../../organizations/perform.js';
import { enableAwsServiceAccess } from '../../organizations/service-access-operations.js';
import { AwsError } from '../../wire/errors.js';
import { operationsOf, type ServiceCall } from '../../wire/service.js';
import { optionalText, optionalTruth, refuseOthers, requiredText } from '../../wire/query-fields.js';
import { invalid, notSimulated } from '../cloudformation-errors.js';
import { contentOf, contentParameters } from '../content-request.js';
import { regionOf } from '../stack-operations.js';
import { preferencesOf } from './operation-preferences.js';
import type { AutoDeployment, StackSet } from './stack-set.js';
import { operationShape, operationSummaryShape, resultShape, stackSetShape, stackSetSummaryShape } from './stack-set-shapes.js';
import { stackSetsPrincipal } from './stack-sets.js';

const settings = ['StackSetName', 'Description', 'PermissionModel', 'AutoDeployment', 'ManagedExecution', 'CallAs'];

/** The stack set that a call names, for a caller that may have stack sets. */
export function namedStackSet(call: ServiceCall): StackSet {
  const { stackSets } = call.aws.cloudFormation;
  refuseOtherCallers(call);
  return stackSets.get(regionOf(call), requiredText(call.input, 'StackSetName'));
}

export const stackSetOperations = operationsOf({
  ActivateOrganizationsAccess: {
    kind: 'write',
    run: ({ aws: { world, cloudFormation }, caller }) => {
      refuseMembers(world.store.identity.managementAccountId, caller.accountId);
      perform(world, {
        name: 'EnableAWSServiceAccess',
        operation: enableAwsServiceAccess,
        input: { servicePrincipal: stackSetsPrincipal },
        caller: { ...caller, invokedBy: 'cloudformation.amazonaws.com' },
      });
      cloudFormation.stackSets.setActivated(true);
      return {};
    },
  },
  DeactivateOrganizationsAccess: {
    kind: 'write',
    run: ({ aws: { world, cloudFormation }, caller }) => {
      refuseMembers(world.store.identity.managementAccountId, caller.accountId);
      cloudFormation.stackSets.setActivated(false);
      return {};
    },
  },
  DescribeOrganizationsAccess: {
    kind: 'read',
    run: ({ aws }) => ({ Status: aws.cloudFormation.stackSets.hasOrganizationsAccess ? 'ENABLED' : 'DISABLED' }),
  },
  CreateStackSet: {
    kind: 'write',
    run: (call) => {
      const { input, aws } = call;
      refuseOthers(input, [...settings, ...contentParameters, 'ClientRequestToken']);
      if (optionalText(input, 'PermissionModel') !== 'SERVICE_MANAGED') {
        throw notSimulated('stack sets with self-managed permissions: PermissionModel has to be SERVICE_MANAGED');
      }
      refuseOtherCallers(call);
      const stackSet = aws.cloudFormation.stackSets.create(regionOf(call), {
        name: requiredText(input, 'StackSetName', { pattern: /^[A-Za-z][A-Za-z0-9-]{0,127}$/ }),
        description: optionalText(input, 'Description'),
        content: contentOf(input),
        autoDeployment: autoDeploymentOf(input) ?? { enabled: false, retainStacksOnAccountRemoval: false },
        managedExecution: managedExecutionOf(input) ?? false,
      });
      return { StackSetId: stackSet.id };
    },
  },
  UpdateStackSet: {
    kind: 'write',
    run: (call) => {
      const { input, aws } = call;
      refuseOthers(input, [...settings, ...contentParameters, 'OperationPreferences', 'OperationId']);
      const stackSet = namedStackSet(call);
      const preferences = preferencesOf(input);
      const content = contentOf(input, stackSet.content);
      stackSet.description = optionalText(input, 'Description') ?? stackSet.description;
      stackSet.autoDeployment = autoDeploymentOf(input) ?? stackSet.autoDeployment;
      stackSet.managedExecution = managedExecutionOf(input) ?? stackSet.managedExecution;
      return { OperationId: aws.cloudFormation.stackSets.update(stackSet, content, preferences).id };
    },
  },
  DeleteStackSet: {
    kind: 'write',
    run: (call) => {
      call.aws.cloudFormation.stackSets.delete(namedStackSet(call));
      return {};
    },
  },
  DescribeStackSet: { kind: 'read', run: (call) => ({ StackSet: stackSetShape(namedStackSet(call)) }) },
  ListStackSets: {
    kind: 'read',
    run: (call) => ({ Summaries: call.aws.cloudFormation.stackSets.list(regionOf(call)).map(stackSetSummaryShape) }),
  },
  DescribeStackSetOperation: {
    kind: 'read',
    run: (call) => {
      const stackSet = namedStackSet(call);
      return { StackSetOperation: operationShape(stackSet, namedOperation(call, stackSet)) };
    },
  },
  ListStackSetOperations: {
    kind: 'read',
    run: (call) => ({ Summaries: [...namedStackSet(call).operations].reverse().map(operationSummaryShape) }),
  },
  ListStackSetOperationResults: {
    kind: 'read',
    run: (call) => ({ Summaries: namedOperation(call, namedStackSet(call)).results.map(resultShape) }),
  },
});

function namedOperation({ input }: ServiceCall, stackSet: StackSet) {
  const id = requiredText(input, 'OperationId');
  const operation = stackSet.operations.find((each) => each.id === id);
  if (operation !== undefined) return operation;
  throw new AwsError('OperationNotFoundException', `Operation ${id} not found`, { status: 404 });
}

function refuseOtherCallers(call: ServiceCall): void {
  const callAs = optionalText(call.input, 'CallAs') ?? 'SELF';
  if (callAs !== 'SELF') throw notSimulated(`CallAs ${callAs}`);
  call.aws.cloudFormation.stackSets.refuseUnlessManaging(regionOf(call));
}

function refuseMembers(managementAccountId: string, accountId: string): void {
  if (accountId === managementAccountId) return;
  throw invalid('You must be the management account of an organization to activate or deactivate organizations access');
}

function autoDeploymentOf(input: ServiceCall['input']): AutoDeployment | undefined {
  const given = input['AutoDeployment'];
  if (given === undefined) return undefined;
  if (!isObject(given)) throw invalid('AutoDeployment is malformed.');
  refuseOthers(given, ['Enabled', 'RetainStacksOnAccountRemoval']);
  const enabled = optionalTruth(given, 'Enabled') ?? false;
  const retain = optionalTruth(given, 'RetainStacksOnAccountRemoval');
  if (!enabled && retain !== undefined) {
    throw invalid('RetainStacksOnAccountRemoval can be specified only if AutoDeployment is enabled.');
  }
  return { enabled, retainStacksOnAccountRemoval: retain ?? false };
}

function managedExecutionOf(input: ServiceCall['input']): boolean | undefined {
  const given = input['ManagedExecution'];
  if (given === undefined) return undefined;
  if (!isObject(given)) throw invalid('ManagedExecution is malformed.');
  refuseOthers(given, ['Active']);
  return optionalTruth(given, 'Active') ?? false;
}
