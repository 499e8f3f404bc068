import { AwsError } from '../../wire/errors.js';
import { operationsOf, type ServiceCall } from '../../wire/service.js';
import { optionalText, optionalTruth, refuseOthers, requiredText, textsOf } from '../../wire/query-fields.js';
import { invalid } from '../cloudformation-errors.js';
import { deploymentTargetsOf } from './deployment-targets.js';
import { preferencesOf } from './operation-preferences.js';
import { instanceKey } from './stack-set.js';
import { namedStackSet } from './stack-set-operations.js';
import { instanceShape } from './stack-set-shapes.js';

const parameters = ['StackSetName', 'DeploymentTargets', 'Accounts', 'Regions', 'OperationPreferences', 'OperationId', 'CallAs'];

export const stackInstanceOperations = operationsOf({
  CreateStackInstances: {
    kind: 'write',
    run: (call) => {
      refuseOthers(call.input, parameters);
      const stackSet = namedStackSet(call);
      return { OperationId: call.aws.cloudFormation.stackSets.createInstances(stackSet, courseOf(call)).id };
    },
  },
  DeleteStackInstances: {
    kind: 'write',
    run: (call) => {
      refuseOthers(call.input, [...parameters, 'RetainStacks']);
      const stackSet = namedStackSet(call);
      const retainStacks = optionalTruth(call.input, 'RetainStacks');
      if (retainStacks === undefined) throw invalid('RetainStacks must be specified.');
      return { OperationId: call.aws.cloudFormation.stackSets.deleteInstances(stackSet, courseOf(call), retainStacks).id };
    },
  },
  ListStackInstances: {
    kind: 'read',
    run: (call) => {
      const stackSet = namedStackSet(call);
      const account = optionalText(call.input, 'StackInstanceAccount');
      const region = optionalText(call.input, 'StackInstanceRegion');
      const shown = [...stackSet.instances.values()].filter(
        (instance) => instance.accountId === (account ?? instance.accountId) && instance.region === (region ?? instance.region),
      );
      return { Summaries: shown.map((instance) => instanceShape(stackSet, instance)) };
    },
  },
  DescribeStackInstance: {
    kind: 'read',
    run: (call) => {
      const stackSet = namedStackSet(call);
      const account = requiredText(call.input, 'StackInstanceAccount');
      const region = requiredText(call.input, 'StackInstanceRegion');
      const instance = stackSet.instances.get(instanceKey(account, region));
      if (instance === undefined) {
        const message = `Stack instance of account ${account} in ${region} not found`;
        throw new AwsError('StackInstanceNotFoundException', message, { status: 404 });
      }
      return { StackInstance: instanceShape(stackSet, instance) };
    },
  },
});

function courseOf({ input, aws }: ServiceCall) {
  const regions = textsOf(input, 'Regions');
  if (regions.length === 0) throw invalid('Regions must be specified.');
  const targets = deploymentTargetsOf(input, aws.world.store.tables);
  return { regions, targets, preferences: preferencesOf(input) };
}
