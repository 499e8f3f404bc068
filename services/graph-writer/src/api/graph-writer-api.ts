import type { Bus } from '@orgtrail/messaging';
import type { ApiPart } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { noteAdminAction } from '../sql/admin-actions.js';
import { deadLetterRoutes } from './dead-letter-routes.js';

export interface GraphWriterApiContext {
  pool: pg.Pool;
  bus: Pick<Bus, 'publish'>;
}

/** What the graph writer answers under `/v1`. */
export function graphWriterApi(context: GraphWriterApiContext): ApiPart {
  return {
    routes: deadLetterRoutes(context),
    note: ({ who, action, about }) => noteAdminAction(context.pool, { who, action, detail: about }),
  };
}
