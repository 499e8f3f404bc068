import { eventsEventBusPolicy } from './events-event-bus-policy.js';
import { eventsRule } from './events-rule.js';
import { iamManagedPolicy } from './iam-managed-policy.js';
import { iamPolicy } from './iam-policy.js';
import { iamRole } from './iam-role.js';
import type { ResourceType } from './resource-type.js';
import { sqsQueuePolicy } from './sqs-queue-policy.js';
import { sqsQueue } from './sqs-queue.js';

/** The types of resources that stacks may have. */
export const resourceTypes: ReadonlyMap<string, ResourceType> = new Map(
  [iamRole, iamPolicy, iamManagedPolicy, sqsQueue, sqsQueuePolicy, eventsRule, eventsEventBusPolicy].map((type) => [
    type.name,
    type,
  ]),
);
