import { findIntegration } from '../integrations/administer.js';
import { readProof } from '../proof/read-proof.js';
import { oneIntegration, type Route } from './route.js';

/** Whether anything was missed, from what is stored: asks AWS nothing. */
export const proofRoutes: readonly Route[] = [
  {
    method: 'get',
    path: `${oneIntegration}/proof`,
    role: 'reader',
    action: 'show whether events arrive and nothing was missed',
    handle: async ({ pool }, { integration }) => {
      const stored = await findIntegration(pool, integration);
      const { id, settings, organizationId } = stored;
      return {
        status: 200,
        body: {
          integration: { id, name: settings.name, ...(organizationId === undefined ? {} : { organizationId }) },
          ...(await readProof(pool, stored)),
        },
      };
    },
  },
];
