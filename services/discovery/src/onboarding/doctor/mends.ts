import { byAction, byCommand, type Mend } from './check.js';

interface Named {
  stored: { id: string };
}

/** Role, trust and permissions as they should be. The external id travels in the script, not in the report. */
export const makeRoleAgain = ({ stored: { id } }: Named): Mend[] => [
  byCommand(
    'management-account',
    `orgtrail integration onboard cli ${id} --write onboarding --force && bash onboarding/connect-management-account.sh --without-events`,
  ),
  byAction(
    `Where a stack or Terraform made the role, apply that again instead: orgtrail integration onboard cloudformation ${id} (or terraform).`,
  ),
];

/** Queue, its policy, rule and target as they should be. */
export const makeEventPathAgain = ({ stored: { id } }: Named): Mend[] => [
  byCommand('management-account', `orgtrail integration enable-events ${id} --yes`),
];

/** The role in every member account, as it should be. */
export const makeMemberRolesAgain = ({ stored: { id } }: Named): Mend[] => [
  byCommand(
    'management-account',
    `orgtrail integration onboard cli ${id} --write onboarding --force && bash onboarding/connect-members.sh`,
  ),
  byAction(
    `Where CloudFormation or Terraform made the StackSet, update that instead: orgtrail integration onboard cloudformation ${id} (or terraform).`,
  ),
];
