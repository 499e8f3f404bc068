import type { RoleVerifier } from '@orgtrail/aws';
import type pg from 'pg';
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
import { externalId, roleArnPattern, type IntegrationSettings } from '../integrations/settings.js';
import { selectIntegration, selectIntegrations } from '../integrations/sql/select-integrations.js';
import { askMembers } from '../integrations/sql/update-integration.js';
import { roleDocuments } from '../integrations/trust-policy.js';
import { memberStatuses } from '../members/decision-table.js';
import { listConfigurations, matches, type MemberFilter } from '../members/list-configurations.js';
import { askVerification } from '../members/sql/ask-verification.js';
import { listMembers, listTransitions, type ListedMember } from '../members/sql/list-members.js';
import { setMemberRole } from '../members/sql/member-roles.js';
import { askFullSync } from '../refresh/sql/full-sync-asks.js';
import { parse, Problem } from './problem.js';
import { noteAdminAction } from './sql/note-admin-action.js';
import type { ApiUser, Role } from './tokens.js';

export interface RouteContext {
  pool: pg.Pool;
  /** Asks whom trust policies have to name. */
  verifier(integration: StoredIntegration): RoleVerifier;
  /** Something changed that discovery should look at now. */
  wake(): void;
}

export interface RouteRequest {
  user: ApiUser;
  /** Of the path. */
  integration: string;
  accountId: string;
  query: unknown;
  body: unknown;
}

export interface Answer {
  status: number;
  body?: object;
}

/** A route, and who may call it. Without a role anybody could: there is none such. */
export interface Route {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  role: Role;
  /** For the log of administrators' actions, and for `docs/api.md`. */
  action: string;
  handle(context: RouteContext, request: RouteRequest): Promise<Answer>;
}

const one = '/v1/integrations/:integration';

/** All of the API. */
export const routes: readonly Route[] = [
  {
    method: 'get',
    path: '/v1/integrations',
    role: 'reader',
    action: 'list integrations',
    handle: async ({ pool }) => ({
      status: 200,
      body: { integrations: (await selectIntegrations(pool)).map(shownIntegration) },
    }),
  },
  {
    method: 'post',
    path: '/v1/integrations',
    role: 'admin',
    action: 'create integration',
    handle: async ({ pool, wake }, { user, body }) => {
      const created = await createIntegration(pool, parse(newIntegration, body));
      await noteAdminAction(pool, { who: user.name, action: 'create integration', integrationId: created.id });
      wake();
      return { status: 201, body: shownIntegration(created) };
    },
  },
  {
    method: 'get',
    path: one,
    role: 'reader',
    action: 'show integration',
    handle: async ({ pool }, { integration }) => ({
      status: 200,
      body: shownIntegration(await findIntegration(pool, integration)),
    }),
  },
  {
    method: 'patch',
    path: one,
    role: 'admin',
    action: 'change integration',
    handle: async ({ pool, wake }, { user, integration, body }) => {
      const { id } = await findIntegration(pool, integration);
      const given = parse(changedSettings, body) as Partial<IntegrationSettings>;
      const { after } = await changeIntegration(pool, id, given);
      await noteAdminAction(pool, {
        who: user.name,
        action: 'change integration',
        integrationId: id,
        detail: { settings: Object.keys(given) },
      });
      wake();
      return { status: 200, body: shownIntegration(after) };
    },
  },
  {
    method: 'delete',
    path: one,
    role: 'admin',
    action: 'remove integration',
    handle: async ({ pool, wake }, { user, integration }) => {
      const { id } = await findIntegration(pool, integration);
      await removeIntegration(pool, id);
      await noteAdminAction(pool, { who: user.name, action: 'remove integration', integrationId: id });
      wake();
      return { status: 204 };
    },
  },
  ...(['pause', 'resume'] as const).map((action): Route => ({
    method: 'post',
    path: `${one}/${action}`,
    role: 'admin',
    action: `${action} integration`,
    handle: async ({ pool, wake }, { user, integration }) => {
      const { id } = await findIntegration(pool, integration);
      const changed = await setPaused(pool, id, action === 'pause');
      await noteAdminAction(pool, { who: user.name, action: `${action} integration`, integrationId: id });
      wake();
      return { status: 200, body: shownIntegration(changed) };
    },
  })),
  {
    method: 'post',
    path: `${one}/sync`,
    role: 'admin',
    action: 'sync now',
    handle: async ({ pool, wake }, { user, integration }) => {
      const { id, state } = await findIntegration(pool, integration);
      if (state === 'paused') throw new Problem(409, 'The integration is paused. Resume it: that syncs too.', { code: 'PAUSED' });
      await askFullSync(pool, id, `asked for by ${user.name}`);
      await noteAdminAction(pool, { who: user.name, action: 'sync now', integrationId: id });
      wake();
      return { status: 202, body: { asked: true } };
    },
  },
  {
    method: 'post',
    path: `${one}/rotate-external-id`,
    role: 'admin',
    action: 'rotate external id',
    handle: async ({ pool, wake }, { user, integration, body }) => {
      const { id, previousExternalId } = await findIntegration(pool, integration);
      if (previousExternalId) {
        throw new Problem(
          409,
          `The external id is being rotated already: the former one is used until ${previousExternalId.validUntil.toISOString()}.`,
          { code: 'OVERLAP_LASTS' },
        );
      }
      await rotateExternalId(pool, id, parse(rotation, body ?? {}));
      await noteAdminAction(pool, { who: user.name, action: 'rotate external id', integrationId: id });
      wake();
      return { status: 200, body: shownIntegration(await findIntegration(pool, id)) };
    },
  },
  {
    method: 'post',
    path: `${one}/purge-email`,
    role: 'admin',
    action: 'purge e-mail',
    handle: async ({ pool, wake }, { user, integration }) => {
      const { id } = await findIntegration(pool, integration);
      await purgeEmail(pool, id);
      await noteAdminAction(pool, { who: user.name, action: 'purge e-mail', integrationId: id });
      wake();
      return { status: 202, body: { asked: true } };
    },
  },
  {
    method: 'get',
    path: `${one}/trust-policy`,
    role: 'reader',
    action: 'show trust policy',
    handle: async ({ pool, verifier }, { integration }) => {
      const stored = await findIntegration(pool, integration);
      const roles = verifier(stored);
      try {
        const { trusted } = await roles.principal().catch((error: unknown) => {
          throw new Problem(502, `AWS did not say who we are: ${error instanceof Error ? error.message : String(error)}`);
        });
        return { status: 200, body: roleDocuments(stored, trusted) };
      } finally {
        roles.destroy();
      }
    },
  },
  {
    method: 'get',
    path: `${one}/configurations`,
    role: 'reader',
    action: 'list configurations',
    handle: async ({ pool }, { integration, query }) => {
      const stored = await findIntegration(pool, integration);
      return { status: 200, body: await listConfigurations(pool, stored, parse(filter, query)) };
    },
  },
  {
    method: 'get',
    path: `${one}/members`,
    role: 'reader',
    action: 'list members',
    handle: async ({ pool }, { integration, query }) => {
      const stored = await findIntegration(pool, integration);
      const wanted = parse(filter, query);
      const members = await listMembers(pool, stored.id);
      return { status: 200, body: { members: members.filter((member) => matches(member, wanted, stored)).map(shownMember) } };
    },
  },
  {
    method: 'get',
    path: `${one}/members/:accountId`,
    role: 'reader',
    action: 'show member',
    handle: async ({ pool }, { integration, accountId }) => {
      const { id } = await findIntegration(pool, integration);
      const history = await listTransitions(pool, id, accountId);
      return { status: 200, body: { ...shownMember(await findMember(pool, id, accountId)), history } };
    },
  },
  {
    method: 'patch',
    path: `${one}/members/:accountId`,
    role: 'admin',
    action: 'change member',
    handle: async ({ pool, wake }, { user, integration, accountId, body }) => {
      const { id } = await findIntegration(pool, integration);
      await findMember(pool, id, accountId);
      const { roleArn } = parse(memberRole, body);
      if (roleArn !== null && roleArn.split(':')[4] !== accountId) {
        throw new Problem(400, `roleArn: the role is in account ${roleArn.split(':')[4] ?? ''}, not in ${accountId}.`, {
          code: 'INVALID',
        });
      }
      await setMemberRole(pool, id, accountId, roleArn ?? undefined);
      await askMembers(pool, id);
      await noteAdminAction(pool, { who: user.name, action: 'change member', integrationId: id, detail: { accountId } });
      wake();
      return { status: 200, body: shownMember(await findMember(pool, id, accountId)) };
    },
  },
  {
    method: 'post',
    path: `${one}/members/:accountId/verify`,
    role: 'admin',
    action: 'verify member',
    handle: async ({ pool, wake }, { user, integration, accountId }) => {
      const { id } = await findIntegration(pool, integration);
      const member = await findMember(pool, id, accountId);
      if (!(await askVerification(pool, id, accountId))) {
        throw new Problem(409, `The member is ${member.status} and is not verified. ${member.reason}`, {
          code: 'NOT_VERIFIED_NOW',
        });
      }
      await noteAdminAction(pool, { who: user.name, action: 'verify member', integrationId: id, detail: { accountId } });
      wake();
      return { status: 202, body: { asked: true } };
    },
  },
];

const rotation = z.strictObject({
  externalId: externalId.optional(),
  overlapHours: z
    .number('a number of hours, for example 168')
    .min(0)
    .max(24 * 365)
    .default(168),
});

const memberRole = z.strictObject({
  roleArn: z
    .string()
    .regex(roleArnPattern, 'not an IAM role ARN; a right one is arn:aws:iam::111122223333:role/security/orgtrail')
    .nullable(),
});

const filter: z.ZodType<MemberFilter> = z.strictObject({
  status: z
    .string()
    .transform((text) => text.toUpperCase().split(','))
    .pipe(z.array(z.enum(memberStatuses, `one or more of ${memberStatuses.join(', ')}, comma-separated`)))
    .optional(),
  ou: z.string().max(80).optional(),
  text: z.string().max(200).optional(),
  removed: z.stringbool('true or false').optional(),
});

async function findMember(pool: pg.Pool, integrationId: string, accountId: string): Promise<ListedMember> {
  const [member] = /^\d{12}$/.test(accountId) ? await listMembers(pool, integrationId, accountId) : [];
  if (member) return member;
  const stored = await selectIntegration(pool, integrationId);
  const why =
    stored?.managementAccountId === accountId
      ? 'It is the management account, which is the integration itself.'
      : stored?.settings.configureOrganizationAccounts === false
        ? 'Configure Organization Accounts is off, so there are no members.'
        : 'Account ids have 12 digits; `orgtrail members list` shows them.';
  throw new Problem(404, `There is no member ${accountId.slice(0, 64)}. ${why}`, { code: 'NO_MEMBER' });
}

/** Everything but the former external id. */
function shownIntegration(stored: StoredIntegration): object {
  const { settings, previousExternalId, retiredExternalId: _retired, settingsVersion: _version, ...rest } = stored;
  return {
    ...rest,
    ...settings,
    ...(previousExternalId ? { previousExternalId: { validUntil: previousExternalId.validUntil } } : {}),
  };
}

function shownMember(member: ListedMember): object {
  const {
    verifiedAt,
    negativeCheckedAt,
    dueAt,
    ask: _ask,
    attempts: _attempts,
    refusals: _refusals,
    verification: _verification,
    ...shown
  } = member;
  const { skippedWhenItLeft: _left, usedPreviousExternalId: _used, ...rest } = shown;
  return {
    ...rest,
    ...(verifiedAt ? { lastVerifiedAt: verifiedAt } : {}),
    ...(negativeCheckedAt ? { lastNegativeCheckAt: negativeCheckedAt } : {}),
    ...(dueAt ? { nextVerificationAt: dueAt } : {}),
  };
}
