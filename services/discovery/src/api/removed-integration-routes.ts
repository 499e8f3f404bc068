import { parse } from '@orgtrail/service-runtime';
import { z } from 'zod';
import { purgeRemoved } from '../integrations/purge-removed.js';
import { selectRemovedIntegrations } from '../integrations/sql/removed-integrations.js';
import type { Route } from './route.js';

const path = '/v1/removed-integrations';

/** Integrations that were removed, by their id alone: their names may be others' by now. */
export const removedIntegrationRoutes: readonly Route[] = [
  {
    method: 'get',
    path,
    role: 'reader',
    action: 'list removed integrations',
    handle: async ({ pool }) => ({ status: 200, body: { integrations: await selectRemovedIntegrations(pool) } }),
  },
  {
    method: 'delete',
    path: `${path}/:integration`,
    role: 'admin',
    action: 'forget a removed integration for good',
    handle: async ({ pool }, { integration }) => {
      const id = parse(z.uuid('the id of an integration'), integration);
      await purgeRemoved(pool, id);
      return { status: 204, about: { integrationId: id } };
    },
  },
];
