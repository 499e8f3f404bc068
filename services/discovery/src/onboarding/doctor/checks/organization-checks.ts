import { syncIntervalSeconds } from '../../../integrations/settings.js';
import { selectGraphState } from '../../../proof/sql/graph-state.js';
import { selectHeldDeletions } from '../../../refresh/sql/held-deletions.js';
import { causeTexts } from '../../../members/causes.js';
import type { MemberCause } from '../../../members/decision-table.js';
import { shellWord } from '../../quoting.js';
import { byAction, byCommand, failed, notApplicable, ok, type Check, type Mend } from '../check.js';
import type { IntegrationExamination } from '../examination.js';
import { makeMemberRolesAgain } from '../mends.js';
import { countMembers } from '../sql/failed-members.js';
import { organizationPermissionIds } from './permission-checks.js';

/** Beyond this share of what was compared, the index is wrong and not only late. */
const largestDrift = 0.05;
const smallestAlarm = 3;

/** What was read, and what became of it. */
export const organizationChecks: readonly Check<IntegrationExamination>[] = [
  {
    id: 'sync.complete',
    asks: 'Was the last full sync complete, and is it recent?',
    needs: ['integration.active', 'organization.same', ...organizationPermissionIds],
    failureMeans: 'What was missed since is not found: the graph may differ from the organization.',
    mendedBy: '`orgtrail integration sync`; the message tells what could not be read',
    run: async ({ stored, latestSync }) => {
      const again = byCommand('orgtrail', `orgtrail integration sync ${stored.id}`);
      const latest = await latestSync();
      if (!latest) return failed('none has finished yet', again);
      const { outcome, summary, ageSeconds, finishedAt } = latest;
      if (outcome !== 'complete') {
        return failed(
          `it was ${outcome}: ${[summary.error, ...(summary.incompleteBecause ?? [])].filter(Boolean).join('; ')}`,
          again,
        );
      }
      const interval = syncIntervalSeconds(stored.settings);
      if (interval !== undefined && ageSeconds > 2 * interval + 600) {
        return failed(
          `the last one ended at ${finishedAt.toISOString()}, and one is due every ${stored.settings.syncInterval}`,
          again,
        );
      }
      const unread = (summary.problems ?? []).map(({ read }) => read);
      return ok(
        `at ${finishedAt.toISOString()}${unread.length > 0 ? `; optional parts not read: ${[...new Set(unread)].join(', ')}` : ''}`,
      );
    },
  },
  {
    id: 'tags.index',
    asks: 'Does the bulk tag index agree with the tags read one by one?',
    needs: ['sync.complete'],
    failureMeans:
      'tag:GetResources lags behind or lacks accounts. Tags in the graph are right all the same, since each difference is read alone, but syncs cost more.',
    mendedBy: 'a full sync later; AWS brings the index up to date by itself',
    run: async ({ stored, latestSync }) => {
      const { tagIndexDrift, tagsCompared = 0 } = (await latestSync())?.summary ?? {};
      if (tagIndexDrift === undefined) return notApplicable('the index was not read, or knows nothing of this organization');
      const found = `${tagIndexDrift} of ${tagsCompared} differed at the last full sync`;
      if (tagIndexDrift <= Math.max(smallestAlarm, largestDrift * tagsCompared)) return ok(found);
      return failed(found, byCommand('orgtrail', `orgtrail integration sync ${stored.id}`));
    },
  },
  {
    id: 'deletions.held',
    asks: 'Are no deletions held?',
    needs: [],
    failureMeans:
      'AWS does not find unusually many accounts or OUs any more. They stay in the graph until somebody approves that they end.',
    mendedBy: '`orgtrail held-deletions`: look at them, and approve those that are really gone, or discard the others',
    run: async ({ pool, stored }) => {
      const waiting = (await selectHeldDeletions(pool, stored.id)).filter(({ approvedAt }) => approvedAt === undefined);
      if (waiting.length === 0) return ok('none');
      return failed(
        `${waiting.length} wait for an operator`,
        byAction('Look at each of them in the console of AWS Organizations first: `orgtrail held-deletions` lists them.'),
        ...(waiting.length > mostInOneCommand
          ? []
          : [
              byCommand(
                'orgtrail',
                `orgtrail held-deletions --integration ${stored.id} --approve ${shellWord(waiting.map(({ subject }) => subject).join(','))}`,
              ),
            ]),
      );
    },
  },
  {
    id: 'graph.dead-letters',
    asks: 'Was every record of it applied to the graph?',
    needs: [],
    failureMeans:
      'Records failed for a reason of their own and wait for an operator: what they were about may stand in the graph as it was before.',
    mendedBy: '`orgtrail dead-letters`: look at them, mend what refused them, then replay them; or discard them',
    run: async ({ pool, stored }) => {
      const open = (await selectGraphState(pool, stored.id))?.deadLetters ?? 0;
      if (open === 0) return ok('none is open');
      return failed(
        `${open} open`,
        byAction(
          `Look at them: \`orgtrail dead-letters --key ${stored.id}\` (docs/dead-letters.md). Mend what refused them, then \`orgtrail dead-letters replay\`; or discard them.`,
        ),
      );
    },
  },
  {
    id: 'members.connected',
    asks: 'Did the roles of all members work when they were verified last?',
    needs: ['credentials.valid'],
    failureMeans: 'Your tooling does not reach these accounts.',
    mendedBy: 'by cause: docs/members.md, `orgtrail members list --status FAILED`',
    run: async (examination) => {
      const { pool, stored } = examination;
      if (!stored.settings.configureOrganizationAccounts) return notApplicable('Configure Organization Accounts is off');
      const { byStatus, failed: broken, oldestVerification } = await countMembers(pool, stored.id);
      const counts =
        Object.entries(byStatus)
          .map(([status, count]) => `${count} ${status}`)
          .join(', ') || 'none yet';
      const since =
        oldestVerification === undefined ? '' : `, as verified last (the oldest at ${oldestVerification.toISOString()})`;
      if (broken.length === 0) return ok(`${counts}${since}`);
      return failed(
        `${counts}. ${broken.map(({ cause, accountIds }) => `${accountIds.length} ${cause}: ${someOf(accountIds)}`).join('; ')}`,
        ...broken.map(({ cause }) => byAction(`${cause}: ${causeTexts[cause as MemberCause]}`)),
        ...mendsOf(broken, examination),
      );
    },
  },
];

const mostInOneCommand = 100;
const shownAccounts = 5;
const someOf = (accountIds: readonly string[]): string =>
  `${accountIds.slice(0, shownAccounts).join(', ')}${accountIds.length > shownAccounts ? ', …' : ''}`;

/** Roles that are not there, or closed to us, come with the StackSet; the members are then asked again. */
function mendsOf(
  broken: readonly { cause: string; accountIds: readonly string[] }[],
  examination: IntegrationExamination,
): Mend[] {
  const accounts = broken.flatMap(({ accountIds }) => accountIds).slice(0, mostInOneCommand);
  const stackSet = broken.some(({ cause }) => cause === 'ROLE_NOT_ASSUMABLE') ? makeMemberRolesAgain(examination) : [];
  return [
    ...stackSet,
    byCommand(
      'orgtrail',
      `for account in ${accounts.join(' ')}; do orgtrail members verify "$account" --integration ${examination.stored.id}; done`,
    ),
  ];
}
