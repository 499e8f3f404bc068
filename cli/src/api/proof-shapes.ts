import { z } from 'zod';

const sync = z.looseObject({
  kind: z.string(),
  outcome: z.string(),
  startedAt: z.string(),
  finishedAt: z.string(),
  ageSeconds: z.number(),
  because: z.array(z.string()),
});
const found = z.record(
  z.string(),
  z.looseObject({
    missed: z.number().optional(),
    explained: z.number().optional(),
    open: z.number().optional(),
    unannounceable: z.number().optional(),
  }),
);
const delay = z.looseObject({ events: z.number(), p50: z.number(), p95: z.number(), max: z.number() });

/** What `GET /v1/integrations/:integration/proof` answers. */
export const proof = z.looseObject({
  integration: z.looseObject({ id: z.string(), name: z.string(), organizationId: z.string().optional() }),
  inSync: z.looseObject({
    state: z.string(),
    sentence: z.string(),
    doubts: z.array(z.looseObject({ code: z.string(), sentence: z.string() })),
  }),
  events: z.looseObject({ state: z.string(), sentence: z.string() }),
  syncs: z.looseObject({ last: sync.optional(), lastComplete: sync.optional() }),
  unannounced: z.looseObject({
    windowSeconds: z.number(),
    held: z.number().default(0),
    lastSync: found,
    day: found,
    month: found,
  }),
  tagIndex: z.array(z.looseObject({ at: z.string(), kind: z.string(), compared: z.number(), differing: z.number() })),
  delays: z.looseObject({ aws: delay.optional(), queue: delay.optional(), ours: delay.optional() }),
  budget: z.looseObject({
    lastHour: z.array(z.looseObject({ operation: z.string(), calls: z.number(), throttled: z.number(), share: z.number() })),
    lastFullSync: z.record(z.string(), z.number()).optional(),
  }),
});
export type ProofShape = z.infer<typeof proof>;
