import { z } from 'zod';
import type { Behaviours } from './behaviours.js';

const rate = z.number().min(0).max(1);
const duration = z.number().nonnegative();
const names = z.array(z.string());
const failure = z.enum(['server-error', 'html', 'throttled']);

/** A change of behaviours as JSON. The compiler wants every one of them here. */
export const someBehaviours = z.strictObject({
  pageSize: z.number().int().min(1).exactOptional(),
  tagPageSize: z.number().int().min(1).exactOptional(),
  emptyPageRate: rate.exactOptional(),
  pageTokenLifetimeMs: duration.exactOptional(),
  withoutPaths: z.boolean().exactOptional(),
  accountState: z.enum(['State', 'Status', 'both', 'neither']).exactOptional(),
  throttling: z.boolean().exactOptional(),
  staleReadsMs: duration.exactOptional(),
  clockSkewMs: z.number().exactOptional(),
  latencyMs: z.union([duration, z.record(z.string(), duration)]).exactOptional(),
  denied: names.exactOptional(),
  failing: z.record(z.string(), z.union([failure, z.strictObject({ how: failure, rate })])).exactOptional(),
  delegatedAdministratorsMayTag: z.boolean().exactOptional(),
  tagIndexLagMs: duration.exactOptional(),
  tagIndexEmpty: z.boolean().exactOptional(),
  createAccountDelayMs: duration.exactOptional(),
  activationDelayMs: duration.exactOptional(),
  closeAccountDelayMs: duration.exactOptional(),
  autoDeploymentDelayMs: duration.exactOptional(),
  deliveryDelayMs: duration.exactOptional(),
  shuffleWindowMs: duration.exactOptional(),
  duplicateRate: rate.exactOptional(),
  lossRate: rate.exactOptional(),
  failedCallEvents: z.boolean().exactOptional(),
  maskTagValues: z.boolean().exactOptional(),
  membershipEventsWithoutAccountId: z.boolean().exactOptional(),
  forwardFrom: names.exactOptional(),
  queueDuplicateRate: rate.exactOptional(),
  failedDeleteRate: rate.exactOptional(),
  visibilityTimeoutMs: duration.exactOptional(),
  deletedQueueNameMs: duration.exactOptional(),
  madeQueueHiddenMs: duration.exactOptional(),
} satisfies Record<keyof Behaviours, z.ZodType>);
