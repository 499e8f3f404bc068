import { parse } from '@orgtrail/service-runtime';
import { z } from 'zod';
import { findIntegration } from '../integrations/administer.js';
import { approveDeletions, discardDeletions } from '../refresh/answer-held-deletions.js';
import { selectHeldDeletions } from '../refresh/sql/held-deletions.js';
import { oneIntegration as one, type Route } from './route.js';

/** Endings that wait for an operator. */
export const heldDeletionRoutes: readonly Route[] = [
  {
    method: 'get',
    path: `${one}/held-deletions`,
    role: 'reader',
    action: 'list held deletions',
    handle: async ({ pool }, { integration }) => {
      const { id } = await findIntegration(pool, integration);
      return { status: 200, body: { heldDeletions: await selectHeldDeletions(pool, id) } };
    },
  },
  {
    method: 'post',
    path: `${one}/held-deletions/approve`,
    role: 'admin',
    action: 'approve held deletions',
    handle: async ({ pool, wake }, { user, integration, body }) => {
      const { id } = await findIntegration(pool, integration);
      const { subjects } = parse(z.strictObject({ subjects: listed }), body);
      const approved = await approveDeletions(pool, id, { subjects, approvedBy: user.name });
      wake();
      return {
        status: 202,
        body: { approved, notHeld: subjects.filter((subject) => !approved.includes(subject)) },
        about: { integrationId: id, detail: { subjects: approved } },
      };
    },
  },
  {
    method: 'post',
    path: `${one}/held-deletions/discard`,
    role: 'admin',
    action: 'discard held deletions',
    handle: async ({ pool, wake }, { integration, body }) => {
      const { id } = await findIntegration(pool, integration);
      const { subjects } = parse(z.strictObject({ subjects: listed.optional() }), body ?? {});
      const released = await discardDeletions(pool, id, subjects);
      const discarded = released.map(({ subject }) => subject);
      wake();
      return {
        status: 200,
        body: {
          discarded,
          // Somebody may have approved what another discards: both should know.
          approvalsTakenBack: released.filter(({ approvedBy }) => approvedBy !== undefined),
          notHeld: (subjects ?? []).filter((subject) => !discarded.some((one) => one === subject)),
        },
        about: { integrationId: id, detail: { subjects: discarded } },
      };
    },
  },
];

/** As the list shows them. */
const listed = z
  .array(
    z
      .string()
      .regex(
        /^(account:\d{12}|ou:ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/,
        'no account or OU as the list shows it, for example account:111122223333',
      ),
    'the list that you saw, for example ["account:111122223333"]',
  )
  .min(1, 'at least one')
  .max(2000, 'at most 2,000 at once');
