import { AwsError } from '@orgtrail/aws';
import { shellWord } from '../../quoting.js';
import { byAction, byCommand, failed, notApplicable, ok, unknown, type Check } from '../check.js';
import type { IntegrationExamination } from '../examination.js';
import { makeRoleAgain } from '../mends.js';

/** Whether anybody can be asked at all. */
export const connectionChecks: readonly Check<IntegrationExamination>[] = [
  {
    id: 'integration.active',
    asks: 'Is the integration active?',
    needs: [],
    failureMeans: 'Nothing is read and no event is taken in; the queue fills.',
    mendedBy: '`orgtrail integration resume`',
    run: async ({ stored }) => {
      if (stored.state === 'active') return ok('active');
      return failed(`it is ${stored.state}`, byCommand('orgtrail', `orgtrail integration resume ${stored.id}`));
    },
  },
  {
    id: 'role.assumable',
    asks: "Can the management account's role be assumed?",
    needs: ['credentials.valid'],
    failureMeans:
      'The role does not exist, its trust policy does not name us, or it demands another external id (AWS does not say which). Nothing can be read.',
    mendedBy: 'make the role, or its trust policy, again: the script of `orgtrail integration onboard cli`, or the stack',
    run: async (examination) => {
      const { stored, identity } = examination;
      if (stored.settings.roleArn === null) return notApplicable('the integration uses our own credentials');
      try {
        const { arn } = await identity();
        return ok(arn);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        if (error.kind === 'denied' || error.kind === 'invalid') return failed(error.message, ...makeRoleAgain(examination));
        return unknown(error.message);
      }
    },
  },
];

/** Who answers. */
export const identityChecks: readonly Check<IntegrationExamination>[] = [
  {
    id: 'role.account',
    asks: 'Does the role lead into the management account, or a delegated administrator?',
    needs: ['role.assumable', 'permission.organizations:DescribeOrganization'],
    failureMeans: 'Other accounts may not read the organization.',
    mendedBy: 'name the role of the management account in the integration',
    run: async ({ stored, identity, organization, aws }) => {
      const [{ accountId }, { managementAccountId }] = await Promise.all([identity(), organization()]);
      if (accountId === managementAccountId) return ok(`management account ${accountId}`);
      try {
        await aws.reader('event').listRoots();
        return ok(`delegated administrator ${accountId}; events have to come from ${managementAccountId}`);
      } catch (error) {
        if (!(error instanceof AwsError) || error.kind !== 'denied') throw error;
        const name = stored.settings.roleArn?.replace(/^arn:[^:]*:iam::\d{12}:/, '') ?? 'role/OrgtrailIntegration';
        const partition = stored.settings.roleArn?.split(':')[1] ?? 'aws';
        return failed(
          `account ${accountId} is an ordinary member; the management account is ${managementAccountId}`,
          byCommand(
            'orgtrail',
            `orgtrail integration change ${stored.id} --role-arn ${shellWord(`arn:${partition}:iam::${managementAccountId}:${name}`)}`,
          ),
        );
      }
    },
  },
  {
    id: 'organization.same',
    asks: 'Is it the organization that this integration is for?',
    needs: ['role.assumable', 'permission.organizations:DescribeOrganization'],
    failureMeans: 'Nothing is read any more, so that one organization is never mistaken for another.',
    mendedBy: 'correct the role ARN, or make another integration',
    run: async ({ stored, organization }) => {
      const { id, featureSet } = await organization();
      if (stored.organizationId === undefined) return ok(`${id}, ${featureSet}; nothing was read of it yet`);
      if (stored.organizationId === id) return ok(`${id}, ${featureSet}`);
      return failed(
        `the role leads to ${id}, and the integration is for ${stored.organizationId}`,
        byAction(
          `Give the integration a role of ${stored.organizationId} (orgtrail integration change ${stored.id} --role-arn …), or make another integration for ${id}.`,
        ),
      );
    },
  },
  {
    id: 'role.external-id',
    asks: 'Is the role refused without the external id, and with a wrong one?',
    needs: ['role.assumable', 'permission.organizations:DescribeOrganization'],
    failureMeans:
      'Whoever may make us assume roles could reach this account through us (the confused deputy): the external id is what prevents it.',
    mendedBy:
      'add the condition StringEquals sts:ExternalId to the trust policy: the script of `orgtrail integration onboard cli`, or the stack',
    run: async (examination) => {
      const { stored, roleAnswer } = examination;
      if (stored.settings.roleArn === null) return notApplicable('the integration uses our own credentials');
      if (stored.externalId === undefined) {
        return failed(
          'the integration has no external id',
          byCommand('orgtrail', `orgtrail integration rotate-external-id ${stored.id}`),
        );
      }
      const answer = await roleAnswer();
      switch (answer.outcome) {
        case 'verified':
          return ok(answer.usedPreviousExternalId ? 'enforced; the former one is still in use' : 'enforced');
        case 'undecided':
          return unknown(answer.detail);
        case 'failed':
          return answer.cause === 'EXTERNAL_ID_NOT_ENFORCED' || answer.cause === 'OLD_EXTERNAL_ID_ACCEPTED'
            ? failed(answer.detail, ...makeRoleAgain(examination))
            : unknown(answer.detail);
      }
    },
  },
];
