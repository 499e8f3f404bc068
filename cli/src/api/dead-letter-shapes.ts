import { z } from 'zod';

const row = z.object({
  id: z.string(),
  topic: z.string(),
  partition: z.number(),
  offset: z.string(),
  group: z.string(),
  code: z.string(),
  message: z.string(),
  recordKey: z.string().nullable(),
  failedAt: z.string(),
  resolvedAt: z.string().nullable(),
  resolution: z.string().nullable(),
  resolvedBy: z.string().nullable(),
  replayOf: z.string().nullable(),
});
export type DeadLetterShape = z.infer<typeof row>;

export const deadLetterList = z.object({ deadLetters: z.array(row), hasMore: z.boolean() });
export const deadLetter = row.extend({
  headers: z.array(z.string()),
  payload: z.object({ bytes: z.number(), sha256: z.string(), message: z.unknown().optional() }).nullable(),
});
export const replayedDeadLetters = z.object({ replayed: z.array(z.string()), notOpen: z.array(z.string()) });
export const discardedDeadLetters = z.object({ discarded: z.array(z.string()), notOpen: z.array(z.string()) });
export const deadLetterActions = z.object({
  actions: z.array(z.object({ at: z.string(), who: z.string(), action: z.string(), detail: z.unknown() })),
});
