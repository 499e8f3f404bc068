import { z } from 'zod';

/** What the graph writer says of one integration's part of the graph. */
export const heldScope = z.object({
  closed: z.boolean(),
  purgeRequestedAt: z.string().nullable(),
  purgedAt: z.string().nullable(),
  rows: z.object({ entities: z.number(), subjects: z.number(), history: z.number(), deadLetters: z.number() }),
});
export type HeldScopeShape = z.infer<typeof heldScope>;

export const removedIntegrationList = z.object({
  integrations: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      announced: z.boolean(),
      organizationId: z.string().optional(),
      removedAt: z.string().optional(),
    }),
  ),
});
export type RemovedIntegrationShape = z.infer<typeof removedIntegrationList>['integrations'][number];
