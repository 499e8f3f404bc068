import { z } from 'zod';

const mend = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('command'), command: z.string(), as: z.string() }),
  z.looseObject({ kind: z.literal('console'), url: z.string(), text: z.string() }),
  z.looseObject({ kind: z.literal('action'), text: z.string() }),
]);
export type MendShape = z.infer<typeof mend>;

const check = z.looseObject({
  id: z.string(),
  asks: z.string(),
  status: z.enum(['ok', 'failed', 'unknown', 'not-applicable']),
  found: z.string(),
  means: z.string().optional(),
  mend: z.array(mend).optional(),
  blockedBy: z.array(z.string()).optional(),
});
export type CheckShape = z.infer<typeof check>;

/** What `POST /v1/doctor` answers. */
export const doctorReport = z.object({
  installation: z.array(check),
  integrations: z.array(
    z.looseObject({ id: z.string(), name: z.string(), organizationId: z.string().optional(), checks: z.array(check) }),
  ),
});
export type DoctorReportShape = z.infer<typeof doctorReport>;
