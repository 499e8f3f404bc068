import { memberRoleActions } from '@orgtrail/aws';
import { permissionsPolicy } from '../policies.js';
import { authenticationGroup, roleConditions, roleParameters, roleResource } from './role-parameters.js';
import { attribute, parameterGroups, writeTemplate, type Template, type Value } from './template.js';

/** The same for every integration: what differs are the parameters. */
export function membersTemplate(): Template {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Orgtrail: the role of a member account.',
    Metadata: parameterGroups(authenticationGroup),
    Parameters: roleParameters,
    Conditions: roleConditions,
    Resources: {
      Role: roleResource({
        description: 'Orgtrail verifies with this role that the account is connected.',
        permissions: permissionsPolicy<Value>(memberRoleActions, { any: '*' }),
      }),
    },
    Outputs: { RoleARN: { Description: 'ARN of the role.', Value: attribute('Role', 'Arn') } },
  };
}

export function writeMembersTemplate(): string {
  return writeTemplate(membersTemplate(), [
    'For every member account, by a StackSet with service-managed permissions; one Region is enough, IAM is global.',
    'CAPABILITY_NAMED_IAM is needed, since all accounts have the role under the same name.',
  ]);
}
