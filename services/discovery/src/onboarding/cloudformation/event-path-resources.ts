import { eventPathNames, eventPattern } from '@orgtrail/aws';
import { queuePolicy } from '../policies.js';
import { attribute, ref, sub, type Value } from './template.js';

const fourteenDays = 14 * 24 * 3600;
/** By its name and not of the resource: the policies of the queues exist before the rule sends. */
export const ruleArn = sub(`arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/${eventPathNames.rule}`);

/** Rule, queue, and the queue for what could not be delivered; all under one condition. */
export function eventPathResources(condition: string): Record<string, object> {
  return {
    EventQueue: queue(condition, eventPathNames.queue),
    UndeliveredQueue: queue(condition, eventPathNames.undeliveredQueue),
    EventQueuePolicy: allowRule(condition, 'EventQueue'),
    UndeliveredQueuePolicy: allowRule(condition, 'UndeliveredQueue'),
    EventRule: {
      Type: 'AWS::Events::Rule',
      Condition: condition,
      DependsOn: ['EventQueuePolicy', 'UndeliveredQueuePolicy'],
      Properties: {
        Name: eventPathNames.rule,
        Description: 'Sends what happens to accounts and organizational units to the queue that Orgtrail reads.',
        EventPattern: eventPattern,
        State: 'ENABLED',
        Targets: [
          {
            Id: eventPathNames.target,
            Arn: attribute('EventQueue', 'Arn'),
            DeadLetterConfig: { Arn: attribute('UndeliveredQueue', 'Arn') },
          },
        ],
      },
    },
  };
}

function queue(condition: string, name: string): object {
  return {
    Type: 'AWS::SQS::Queue',
    Condition: condition,
    Properties: { QueueName: name, MessageRetentionPeriod: fourteenDays, SqsManagedSseEnabled: true },
  };
}

function allowRule(condition: string, resource: string): object {
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Condition: condition,
    Properties: {
      Queues: [ref(resource)],
      PolicyDocument: queuePolicy<Value>({ queueArn: attribute(resource, 'Arn'), ruleArn }),
    },
  };
}
