import type { World } from '../world.js';
import { queryServiceErrors } from '../wire/service-errors.js';
import type { Service } from '../wire/service.js';
import { changeSetOperations } from './change-set-operations.js';
import type { ResourceServices } from './resources/resource-type.js';
import { stackOperations } from './stack-operations.js';
import { stackInstanceOperations } from './stack-sets/stack-instance-operations.js';
import { stackSetOperations } from './stack-sets/stack-set-operations.js';
import { StackSets } from './stack-sets/stack-sets.js';
import { Stacks } from './stacks.js';
import { templateOperations } from './template-operations.js';

/** CloudFormation of all accounts. */
export interface CloudFormation {
  readonly stacks: Stacks;
  readonly stackSets: StackSets;
}

export function createCloudFormation(services: Omit<ResourceServices, 'partition' | 'now'>, world: World): CloudFormation {
  const { store, now, timers, behaviours } = world;
  const stacks = new Stacks({ ...services, partition: store.identity.partition, now });
  const stackSets = new StackSets({ stacks, store, now });
  store.watch((table, key) => {
    if (table === 'accounts') timers.later(behaviours().autoDeploymentDelayMs, () => stackSets.settle(key));
  });
  return { stacks, stackSets };
}

export const cloudFormationService: Service = {
  name: 'cloudformation',
  actions: 'cloudformation',
  protocol: { query: '2010-05-15', namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/' },
  errors: queryServiceErrors,
  operations: new Map([
    ...stackOperations,
    ...changeSetOperations,
    ...templateOperations,
    ...stackSetOperations,
    ...stackInstanceOperations,
  ]),
};
