import { Problem, type ApiPart } from '@orgtrail/service-runtime';
import { Refused } from '../integrations/refused.js';
import type { RouteContext } from './route.js';
import { routes } from './routes.js';
import { noteAdminAction, type AdminAction } from './sql/note-admin-action.js';

/** What discovery answers under `/v1`. */
export function discoveryApi(context: RouteContext): ApiPart {
  return {
    routes: routes.map((route) => ({
      ...route,
      handle: ({ param, ...request }) =>
        route.handle(context, {
          ...request,
          integration: param('integration'),
          accountId: param('accountId'),
          way: param('way'),
        }),
    })),
    note: ({ about, ...did }) =>
      noteAdminAction(context.pool, { ...did, ...(about as Pick<AdminAction, 'integrationId' | 'detail'>) }),
    problemOf: (error) => {
      if (!(error instanceof Refused)) return undefined;
      const { kind, message, code, problems } = error;
      return new Problem(statusOf[kind], message, { code, ...(problems ? { problems } : {}) });
    },
  };
}

const statusOf: Record<Refused['kind'], number> = { invalid: 400, 'not-found': 404, conflict: 409 };
