import { parse, Problem } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { z } from 'zod';
import { findIntegration } from '../integrations/administer.js';
import { roleArnPattern } from '../integrations/settings.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { askMembers } from '../integrations/sql/update-integration.js';
import { memberStatuses } from '../members/decision-table.js';
import { listConfigurations, matches, type MemberFilter } from '../members/list-configurations.js';
import { askVerification } from '../members/sql/ask-verification.js';
import { listMembers, listTransitions, type ListedMember } from '../members/sql/list-members.js';
import { setMemberRole } from '../members/sql/member-roles.js';
import { oneIntegration as one, type Route } from './route.js';

/** Members: the accounts that are configured by themselves. */
export const memberRoutes: readonly Route[] = [
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
    handle: async ({ pool, wake }, { integration, accountId, body }) => {
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
      wake();
      return {
        status: 200,
        body: shownMember(await findMember(pool, id, accountId)),
        about: { integrationId: id, detail: { accountId } },
      };
    },
  },
  {
    method: 'post',
    path: `${one}/members/:accountId/verify`,
    role: 'admin',
    action: 'verify member',
    handle: async ({ pool, wake }, { integration, accountId }) => {
      const { id } = await findIntegration(pool, integration);
      const member = await findMember(pool, id, accountId);
      if (!(await askVerification(pool, id, accountId))) {
        throw new Problem(409, `The member is ${member.status} and is not verified. ${member.reason}`, {
          code: 'NOT_VERIFIED_NOW',
        });
      }
      wake();
      return { status: 202, body: { asked: true }, about: { integrationId: id, detail: { accountId } } };
    },
  },
];

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
