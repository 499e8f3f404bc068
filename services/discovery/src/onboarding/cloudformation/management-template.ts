import { eventPathNames, managementRoleActions } from '@orgtrail/aws';
import { forwardingStatement } from '../forwarding.js';
import { permissionsPolicy } from '../policies.js';
import { eventPathResources, ruleArn } from './event-path-resources.js';
import { authenticationGroup, roleConditions, roleParameters, roleResource } from './role-parameters.js';
import {
  attribute,
  either,
  equals,
  not,
  parameterGroups,
  ref,
  sub,
  writeTemplate,
  type Parameter,
  type Template,
  type Value,
} from './template.js';

export const eventPathChoices = { create: 'create', leaveOut: 'leave-out' } as const;

const eventParameters: Record<string, Parameter> = {
  EventPath: {
    Type: 'String',
    Description: 'Whether the rule and the queues are created, which bring changes to Orgtrail within seconds.',
    Default: eventPathChoices.create,
    AllowedValues: Object.values(eventPathChoices),
  },
  QueueArn: {
    Type: 'String',
    Description: 'ARN of the queue that the role may read, if it is another than the one that is created here.',
    Default: '',
    AllowedPattern: '^(arn:[a-z0-9-]+:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80})?$',
    ConstraintDescription: 'empty, or the ARN of an SQS queue',
  },
  ForwardingAccountIds: {
    Type: 'CommaDelimitedList',
    Description: 'Accounts of delegated administrators that may forward their events to this one, comma-separated.',
    Default: '',
  },
};

const queueArn = (name: string) => sub(`arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:${name}`);

/** The same for every integration: what differs are the parameters. */
export function managementTemplate(): Template {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Orgtrail: the role of the management account, and the way that events of the organization take.',
    Metadata: parameterGroups({ ...authenticationGroup, 'Orgtrail Event Parameters': Object.keys(eventParameters) }),
    Parameters: { ...roleParameters, ...eventParameters },
    Conditions: {
      ...roleConditions,
      CreateEventPath: equals(ref('EventPath'), eventPathChoices.create),
      OtherQueue: not(equals(ref('QueueArn'), '')),
      Forwarding: not(equals({ 'Fn::Join': ['', ref('ForwardingAccountIds')] }, '')),
    },
    Resources: {
      Role: roleResource({
        description: 'Orgtrail reads the organization through this role. It may change nothing but delete messages of its queue.',
        permissions: permissionsPolicy<Value>(managementRoleActions, {
          any: '*',
          rule: ruleArn,
          queue: either('OtherQueue', ref('QueueArn'), queueArn(eventPathNames.queue)),
          'undelivered-queue': queueArn(eventPathNames.undeliveredQueue),
        }),
      }),
      ...eventPathResources('CreateEventPath'),
      ForwardingPolicy: {
        Type: 'AWS::Events::EventBusPolicy',
        Condition: 'Forwarding',
        Properties: {
          EventBusName: 'default',
          StatementId: eventPathNames.forwardingStatement,
          Statement: forwardingStatement<Value>(
            ref('ForwardingAccountIds'),
            sub('arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default'),
          ),
        },
      },
    },
    Outputs: {
      RoleARN: { Description: 'Role ARN for the integration.', Value: attribute('Role', 'Arn') },
      QueueUrl: { Description: 'Queue URL for the integration.', Condition: 'CreateEventPath', Value: ref('EventQueue') },
    },
  };
}

export function writeManagementTemplate(): string {
  return writeTemplate(managementTemplate(), [
    'For the management account, in the Region of Organizations: us-east-1, us-gov-west-1 or cn-northwest-1.',
    'CAPABILITY_NAMED_IAM is needed, since members have the role under the same name.',
  ]);
}
