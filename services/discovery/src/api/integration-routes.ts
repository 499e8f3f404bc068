import { parse, Problem } from '@orgtrail/service-runtime';
import { allowedPerSecond } from '@orgtrail/aws';
import { z } from 'zod';
import {
  changeIntegration,
  changedSettings,
  createIntegration,
  findIntegration,
  newIntegration,
  purgeEmail,
  removeIntegration,
  setPaused,
} from '../integrations/administer.js';
import type { StoredIntegration } from '../integrations/integration.js';
import { rotateExternalId } from '../integrations/rotate-external-id.js';
import { externalId, type IntegrationSettings } from '../integrations/settings.js';
import { selectIntegrations } from '../integrations/sql/select-integrations.js';
import { selectWatchers } from '../ownership/sql/select-watchers.js';
import { readBacklog } from '../refresh/read-backlog.js';
import { askFullSync, askLightSync } from '../refresh/sql/sync-asks.js';
import { overlapHours } from './overlap-hours.js';
import { oneIntegration as one, type Route } from './route.js';

/** Integrations: what is watched, and how. */
export const integrationRoutes: readonly Route[] = [
  {
    method: 'get',
    path: '/v1/integrations',
    role: 'reader',
    action: 'list integrations',
    handle: async ({ pool }) => {
      const watchers = await selectWatchers(pool);
      const integrations = (await selectIntegrations(pool)).map((stored) => ({
        ...shownIntegration(stored),
        watchedBy: watchers.get(stored.id),
      }));
      return { status: 200, body: { integrations } };
    },
  },
  {
    method: 'post',
    path: '/v1/integrations',
    role: 'admin',
    action: 'create integration',
    handle: async ({ pool, wake }, { body }) => {
      const created = await createIntegration(pool, parse(newIntegration, body));
      wake();
      return { status: 201, body: shownIntegration(created), about: { integrationId: created.id } };
    },
  },
  {
    method: 'get',
    path: one,
    role: 'reader',
    action: 'show integration',
    handle: async ({ pool, rateShare = 0.5 }, { integration }) => {
      const stored = await findIntegration(pool, integration);
      const watchedBy = (await selectWatchers(pool)).get(stored.id);
      const callsPerSecond = (operation: string): number => allowedPerSecond(operation, rateShare);
      const backlog = await readBacklog(pool, stored.id, { callsPerSecond });
      return { status: 200, body: { ...shownIntegration(stored), watchedBy, backlog } };
    },
  },
  {
    method: 'patch',
    path: one,
    role: 'admin',
    action: 'change integration',
    handle: async ({ pool, wake }, { integration, body }) => {
      const { id } = await findIntegration(pool, integration);
      const given = parse(changedSettings, body) as Partial<IntegrationSettings>;
      const after = await changeIntegration(pool, id, given);
      wake();
      return {
        status: 200,
        body: shownIntegration(after),
        about: { integrationId: id, detail: { settings: Object.keys(given) } },
      };
    },
  },
  {
    method: 'delete',
    path: one,
    role: 'admin',
    action: 'remove integration',
    handle: async ({ pool, wake }, { integration }) => {
      const { id } = await findIntegration(pool, integration);
      await removeIntegration(pool, id);
      wake();
      return { status: 204, about: { integrationId: id } };
    },
  },
  ...(['pause', 'resume'] as const).map((action): Route => ({
    method: 'post',
    path: `${one}/${action}`,
    role: 'admin',
    action: `${action} integration`,
    handle: async ({ pool, wake }, { integration }) => {
      const { id } = await findIntegration(pool, integration);
      const changed = await setPaused(pool, id, action === 'pause');
      wake();
      return { status: 200, body: shownIntegration(changed), about: { integrationId: id } };
    },
  })),
  {
    method: 'post',
    path: `${one}/sync`,
    role: 'admin',
    action: 'sync now',
    handle: async ({ pool, wake }, { user, integration, body }) => {
      const { id, state } = await findIntegration(pool, integration);
      if (state === 'paused') throw new Problem(409, 'The integration is paused. Resume it: that syncs too.', { code: 'PAUSED' });
      const { kind } = parse(syncAsk, body ?? {});
      const ask = kind === 'full' ? askFullSync : askLightSync;
      await ask(pool, id, `asked for by ${user.name}`);
      wake();
      return { status: 202, body: { asked: true }, about: { integrationId: id, detail: { kind } } };
    },
  },
  {
    method: 'post',
    path: `${one}/rotate-external-id`,
    role: 'admin',
    action: 'rotate external id',
    handle: async ({ pool, wake }, { integration, body }) => {
      const { id } = await findIntegration(pool, integration);
      await rotateExternalId(pool, id, parse(rotation, body ?? {}));
      wake();
      return { status: 200, body: shownIntegration(await findIntegration(pool, id)), about: { integrationId: id } };
    },
  },
  {
    method: 'post',
    path: `${one}/purge-email`,
    role: 'admin',
    action: 'purge e-mail',
    handle: async ({ pool, wake }, { integration }) => {
      const { id } = await findIntegration(pool, integration);
      await purgeEmail(pool, id);
      wake();
      return { status: 202, body: { asked: true }, about: { integrationId: id } };
    },
  },
];

const syncAsk = z.strictObject(
  { kind: z.enum(['full', 'light'], 'full or light').default('full') },
  'either {"kind":"full"} or {"kind":"light"}',
);

const rotation = z.strictObject({
  externalId: externalId.optional(),
  overlapHours,
});

/** Everything but the former external id. */
function shownIntegration(stored: StoredIntegration): object {
  const { settings, previousExternalId, retiredExternalId: _retired, settingsVersion: _version, ...others } = stored;
  // What could not be read stands in the condition.
  const { runningSync, syncFindings: _findings, ...rest } = others;
  return {
    ...rest,
    ...(runningSync ? { sync: { running: runningSync } } : {}),
    ...settings,
    ...(previousExternalId ? { previousExternalId: { validUntil: previousExternalId.validUntil } } : {}),
  };
}
