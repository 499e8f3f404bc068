import { managementRoleActions, type DeclaredAction, type PermissionContext } from '@orgtrail/aws';
import { failed, notApplicable, ok, unknown, type Check } from '../check.js';
import type { IntegrationExamination } from '../examination.js';
import { makeRoleAgain } from '../mends.js';
import { undeliveredQueueUrl } from '../our-target.js';

export const permissionCheckId = (action: string): string => `permission.${action}`;

/** This one is needed to know whose organization it is, and members may do it too. */
const first = 'organizations:DescribeOrganization';

/** Each action that the role is declared to need, tried by one cheap call that changes nothing. */
export const firstPermissionCheck: Check<IntegrationExamination> = permissionCheck(first, ['role.assumable']);
export const permissionChecks: readonly Check<IntegrationExamination>[] = managementRoleActions
  .filter(({ action }) => action !== first)
  .map(({ action }) => permissionCheck(action, ['role.account']));

/** What a full sync reads by. */
export const organizationPermissionIds: readonly string[] = permissionChecks
  .map(({ id }) => id)
  .filter((id) => /^permission\.(organizations|tag):/.test(id));

function permissionCheck(action: DeclaredAction['action'], needs: readonly string[]): Check<IntegrationExamination> {
  return {
    id: permissionCheckId(action),
    asks: `May the role call ${action}?`,
    needs,
    failureMeans: meaningOf(action),
    mendedBy:
      "allow it in the role's policy: the script of `orgtrail integration onboard cli`, or the stack; look for service control policies too",
    run: async (examination) => {
      const answer = await examination.aws.tryAction(action, await contextOf(action, examination));
      switch (answer.outcome) {
        case 'allowed':
          return ok('allowed');
        case 'denied':
          return failed(answer.error.message, ...makeRoleAgain(examination));
        case 'unknown':
          // The queue's host is another one than AWS's: `queue.reachable` tells.
          return action.startsWith('sqs:') && answer.error.kind === 'unreachable'
            ? notApplicable('the queue was not reached')
            : unknown(answer.error.message);
        case 'not-applicable':
          return answer.missing === 'queueUrl'
            ? notApplicable('the integration has no queue')
            : unknown('nothing to try it on is known before the first full sync');
      }
    },
  };
}

function meaningOf(action: string): string {
  const [service] = action.split(':');
  if (service === 'sqs') return 'Events cannot be taken in, so changes are seen by syncs only.';
  if (service === 'events' || service === 'cloudtrail')
    return 'Nobody here can tell whether events can arrive; they may all the same.';
  if (service === 'tag') return 'Tags are read one account at a time, which takes ten times as long.';
  return 'What this call reads is not read: nothing of it is changed, and the graph keeps an older state of it.';
}

async function contextOf(action: string, examination: IntegrationExamination): Promise<PermissionContext> {
  // It is what tells the rest.
  if (action === first) return {};
  const { stored, organization, rootId } = examination;
  const queueUrl = stored.settings.queueUrl ?? undefined;
  const [{ managementAccountId }, root, undelivered, trailArn] = await Promise.all([
    organization(),
    rootId(),
    // As far as the rule's target can be read: another check tells why not.
    action === 'sqs:GetQueueAttributes' ? undeliveredQueueUrl(examination).catch(() => undefined) : undefined,
    action.startsWith('cloudtrail:Get') ? anyTrail(examination) : undefined,
  ]);
  return {
    managementAccountId,
    ...(root === undefined ? {} : { rootId: root }),
    ...(queueUrl === undefined ? {} : { queueUrl }),
    ...(undelivered === undefined ? {} : { undeliveredQueueUrl: undelivered }),
    ...(trailArn === undefined ? {} : { trailArn }),
  };
}

async function anyTrail({ trails }: IntegrationExamination): Promise<string | undefined> {
  return (await trails().catch(() => []))[0]?.arn;
}
