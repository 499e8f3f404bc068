import { BusError, type Bus } from '@orgtrail/messaging';
import { Problem, type ApiPart } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { deadLetterRoutes } from './dead-letter-routes.js';
import { scopeRoutes } from './scope-routes.js';

export interface GraphWriterApiContext {
  pool: pg.Pool;
  bus: Pick<Bus, 'publish'>;
  /** Whether the history is published: then nothing is deleted before that. */
  feedIsOn: boolean;
}

/** What the graph writer answers under `/v1`. Its routes keep what administrators did in the transaction that does it. */
export function graphWriterApi(context: GraphWriterApiContext): ApiPart {
  return {
    routes: [...deadLetterRoutes(context), ...scopeRoutes(context)],
    problemOf: (error) =>
      error instanceof BusError
        ? new Problem(
            503,
            'The bus did not take the records: what it had taken before is replayed, and the others are still open. Ask again when it is there.',
            { code: error.code },
          )
        : undefined,
  };
}
