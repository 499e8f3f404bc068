import { defaultRoleName } from '../values.js';
import { trustPolicy, type PolicyDocument } from '../policies.js';
import { either, equals, not, ref, type Parameter, type Value } from './template.js';

/** What every role of ours takes; no parameter is NoEcho, which a quick-create link could not fill in. None of them is a secret. */
export const roleParameters: Record<string, Parameter> = {
  OrgtrailPrincipalArn: {
    Type: 'String',
    Description: 'ARN of the IAM role or user that Orgtrail runs as. Nobody else may assume the role.',
    AllowedPattern: '^arn:[a-z0-9-]+:iam::[0-9]{12}:(root|(role|user)/[!-~]{1,576})$',
    ConstraintDescription: 'the ARN of a role, of a user or of the root of an account',
  },
  ExternalId: {
    Type: 'String',
    Description: 'External id of the integration. Orgtrail made it; the role cannot be assumed without it.',
    AllowedPattern: '^[A-Za-z0-9_+=,.@:/-]{2,1224}$',
    ConstraintDescription: '2 to 1,224 characters out of letters, digits and _+=,.@:/-',
  },
  PreviousExternalId: {
    Type: 'String',
    Description: 'The former external id while it is being rotated; otherwise empty.',
    Default: '',
    AllowedPattern: '^([A-Za-z0-9_+=,.@:/-]{2,1224})?$',
    ConstraintDescription: 'empty, or 2 to 1,224 characters out of letters, digits and _+=,.@:/-',
  },
  RoleName: {
    Type: 'String',
    Description: 'Name of the role: the same in every account of the organization.',
    Default: defaultRoleName,
    AllowedPattern: '^[A-Za-z0-9_+=,.@-]{1,64}$',
    ConstraintDescription: '1 to 64 characters out of letters, digits and _+=,.@-',
  },
  RolePath: {
    Type: 'String',
    Description: 'Path of the role: / or for example /security/. The same in every account.',
    Default: '/',
    AllowedPattern: '^/([!-~]{1,510}/)?$',
    ConstraintDescription: 'begins and ends with /',
  },
};

export const authenticationGroup = { 'Orgtrail Authentication Parameters': Object.keys(roleParameters) };

export const roleConditions = { Rotating: not(equals(ref('PreviousExternalId'), '')) };

/** The role itself. Its session lasts as long as AWS's default. */
export function roleResource({ description, permissions }: { description: string; permissions: PolicyDocument<Value> }): object {
  const [trust] = trustPolicy<Value>(ref('OrgtrailPrincipalArn'), [
    either('Rotating', [ref('ExternalId'), ref('PreviousExternalId')], ref('ExternalId')),
  ]).Statement;
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: ref('RoleName'),
      Path: ref('RolePath'),
      Description: description,
      AssumeRolePolicyDocument: { Version: permissions.Version, Statement: [trust] },
      Policies: [{ PolicyName: 'orgtrail', PolicyDocument: permissions }],
    },
  };
}
