import { managementRoleActions } from '@orgtrail/aws';
import type { Installation } from '../installation.js';
import type { Breakage } from './breakage.js';
import type { Operator } from './operator.js';

const role = 'OrgtrailIntegration';

/** Whether anybody can be asked, who answers, and what the role may do. */
export function breakagesOfRoles({ simulator }: Installation, { must, aws, sql, members }: Operator): Breakage[] {
  const trustOf = (statement: object): string => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const us = `arn:aws:iam::${simulator.foreignAccountId}:user/orgtrail`;
  return [
    ...[
      { id: 'integration.active', how: 'it is paused', break: () => must('orgtrail integration pause') },
      {
        id: 'role.assumable',
        how: 'the role trusts somebody else',
        break: () =>
          aws(
            `iam update-assume-role-policy --role-name ${role} --policy-document '${trustOf({ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::210987654321:root' }, Action: 'sts:AssumeRole' })}'`,
          ),
      },
      {
        id: 'role.external-id',
        how: 'the role demands no external id',
        break: () =>
          aws(
            `iam update-assume-role-policy --role-name ${role} --policy-document '${trustOf({ Effect: 'Allow', Principal: { AWS: us }, Action: 'sts:AssumeRole' })}'`,
          ),
      },
      {
        id: 'role.account',
        how: 'the integration names the role of a member',
        break: async () => must(`orgtrail integration change --role-arn arn:aws:iam::${members()[0]?.id ?? ''}:role/${role}`),
      },
      {
        id: 'organization.same',
        how: 'the integration was for another organization',
        break: () => sql(`UPDATE discovery.integrations SET organization_id = 'o-anotherone1'`),
        byHand: {
          what: 'it is for this one',
          act: () => sql(`UPDATE discovery.integrations SET organization_id = $1`, [simulator.organization.organizationId]),
        },
      },
    ],
    ...breakagesOfPermissions({ must, aws }),
  ];
}

function breakagesOfPermissions({ must, aws }: Pick<Operator, 'must' | 'aws'>): Breakage[] {
  return managementRoleActions.map(({ action }): Breakage => ({
    id: `permission.${action}`,
    how: "the role's policy lacks it",
    break: async () => {
      const { managementPermissions } = JSON.parse(await must('orgtrail integration trust-policy --json')) as {
        managementPermissions: { Statement: { Action: string[] }[] };
      };
      const Statement = managementPermissions.Statement.map((statement) => ({
        ...statement,
        Action: [statement.Action].flat().filter((allowed) => allowed !== action),
      })).filter(({ Action }) => Action.length > 0);
      const document = JSON.stringify({ Version: '2012-10-17', Statement });
      await aws(`iam put-role-policy --role-name ${role} --policy-name orgtrail --policy-document '${document}'`);
    },
  }));
}
