import { parse } from '@orgtrail/service-runtime';
import { z } from 'zod';
import { findIntegration } from '../integrations/administer.js';
import { postsAreTaken } from '../proof/sql/posts-are-taken.js';
import { removeWebhookSecret, rotateWebhookSecret } from '../webhook/administer-secret.js';
import { secretHeader } from '../webhook/receive-post.js';
import { overlapHours } from './overlap-hours.js';
import { oneIntegration as one, type Route } from './route.js';

/** The secret that EventBridge shows when it posts events. */
export const webhookRoutes: readonly Route[] = [
  {
    method: 'post',
    path: `${one}/webhook-secret`,
    role: 'admin',
    action: 'make webhook secret',
    handle: async ({ pool }, { integration, body }) => {
      const { id } = await findIntegration(pool, integration);
      const made = await rotateWebhookSecret(pool, id, parse(rotation, body ?? {}));
      // Shown once: only its hash is kept.
      return {
        status: 201,
        body: { path: `/v1/events/${id}`, header: secretHeader, isListening: await postsAreTaken(pool), ...made },
        about: { integrationId: id, detail: { previousValidUntil: made.previousValidUntil } },
      };
    },
  },
  {
    method: 'delete',
    path: `${one}/webhook-secret`,
    role: 'admin',
    action: 'remove webhook secret',
    handle: async ({ pool }, { integration }) => {
      const { id } = await findIntegration(pool, integration);
      await removeWebhookSecret(pool, id);
      return { status: 204, about: { integrationId: id } };
    },
  },
];

const rotation = z.strictObject({ overlapHours });
