import { eventPathNames, eventPattern } from '@orgtrail/aws';
import { ruleArn } from './event-path-resources.js';
import { attribute, parameterGroups, ref, sub, writeTemplate, type Template } from './template.js';

const busArn = sub('arn:${AWS::Partition}:events:${AWS::Region}:${ManagementAccountId}:event-bus/default');

/** Calls of a delegated administrator are recorded in its own account: this brings them to the management account's bus. */
export function forwardingTemplate(): Template {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Orgtrail: forwards the organization events of a delegated administrator to the management account.',
    Metadata: parameterGroups({ 'Orgtrail Event Parameters': ['ManagementAccountId'] }),
    Parameters: {
      ManagementAccountId: {
        Type: 'String',
        Description: 'Account id of the management account. Its event bus has to admit this account: ForwardingAccountIds there.',
        AllowedPattern: '^[0-9]{12}$',
        ConstraintDescription: '12 digits',
      },
    },
    Resources: {
      ForwardingRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          Description: 'EventBridge forwards events for Orgtrail with this role.',
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'events.amazonaws.com' },
                Action: 'sts:AssumeRole',
                Condition: {
                  StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') },
                  ArnEquals: { 'aws:SourceArn': ruleArn },
                },
              },
            ],
          },
          Policies: [
            {
              PolicyName: 'orgtrail-forwarding',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: busArn }],
              },
            },
          ],
        },
      },
      ForwardingRule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Name: eventPathNames.rule,
          Description: 'Forwards what this account does to the organization to the management account, for Orgtrail.',
          EventPattern: eventPattern,
          State: 'ENABLED',
          Targets: [{ Id: eventPathNames.target, Arn: busArn, RoleArn: attribute('ForwardingRole', 'Arn') }],
        },
      },
    },
    Outputs: { RuleARN: { Description: 'ARN of the rule.', Value: attribute('ForwardingRule', 'Arn') } },
  };
}

export function writeForwardingTemplate(): string {
  return writeTemplate(forwardingTemplate(), [
    "For a delegated administrator's account, in the Region of Organizations: us-east-1, us-gov-west-1 or cn-northwest-1.",
  ]);
}
