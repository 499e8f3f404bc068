import { parse } from '@orgtrail/service-runtime';
import { z } from 'zod';
import { findIntegration } from '../integrations/administer.js';
import { selectIntegrations } from '../integrations/sql/select-integrations.js';
import type { Route } from './route.js';

const question = z.strictObject({
  /** Absent: every one. Null: none, only what all share. */
  integration: z.string('id, organization id or name of an integration').min(1).max(256).nullable().optional(),
});

/** Whether everything is in order, asked anew. Changes nothing, so readers may. */
export const doctorRoutes: readonly Route[] = [
  {
    method: 'post',
    path: '/v1/doctor',
    role: 'reader',
    action: 'examine the installation and its integrations',
    handle: async ({ pool, doctor }, { body }) => {
      const { integration } = parse(question, body ?? {});
      const report = await doctor.examine(async () => {
        if (integration === null) return [];
        return integration === undefined ? selectIntegrations(pool) : [await findIntegration(pool, integration)];
      });
      return { status: 200, body: report };
    },
  },
];
