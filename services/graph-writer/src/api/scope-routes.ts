import { inTransaction } from '@orgtrail/database';
import { parse, Problem, type Route } from '@orgtrail/service-runtime';
import { z } from 'zod';
import { scopesBehind } from '../feed/sql/feed-position.js';
import { noteAdminAction } from '../sql/admin-actions.js';
import { askPurge, selectHeldScope, type HeldScope } from '../sql/purge-scope.js';
import type { GraphWriterApiContext } from './graph-writer-api.js';

const path = '/v1/scopes/:scope';

/** What the graph holds of one integration, whose id is the scope, and its end. */
export function scopeRoutes({ pool, feedIsOn }: GraphWriterApiContext): readonly Route[] {
  const held = async (scope: string): Promise<HeldScope> => {
    const found = await selectHeldScope(pool, scope);
    if (!found) throw new Problem(404, `The graph knows no scope ${scope}.`, { code: 'NO_SCOPE' });
    return found;
  };
  return [
    {
      method: 'get',
      path,
      role: 'reader',
      action: 'count what the graph holds of an integration',
      handle: async ({ param }) => ({ status: 200, body: await held(parse(id, param('scope'))) }),
    },
    {
      method: 'post',
      path: `${path}/purge`,
      role: 'admin',
      action: 'delete all of a removed integration for good',
      handle: async ({ param, user }) => {
        const scope = parse(id, param('scope'));
        const { closed, rows } = await held(scope);
        if (!closed) {
          throw new Problem(
            409,
            'The graph has not ended this integration. Remove it first; where that was done, its removal has not arrived yet: ask again in a minute.',
            { code: 'NOT_REMOVED' },
          );
        }
        if (feedIsOn && (await scopesBehind(pool)).some((behind) => behind.scope === scope)) {
          throw new Problem(
            409,
            'The feed has not published yet that everything of this integration ended, and nobody could tell its consumers afterwards. Ask again in a minute.',
            { code: 'FEED_BEHIND' },
          );
        }
        await inTransaction(pool, async (client) => {
          await askPurge(client, scope);
          await noteAdminAction(client, { who: user.name, action: 'purge scope', detail: { scope, rows } });
        });
        return { status: 202, body: await held(scope) };
      },
    },
  ];
}

const id = z.uuid('the id of an integration');
