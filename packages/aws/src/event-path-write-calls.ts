import {
  DeleteRuleCommand,
  EnableRuleCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  RemoveTargetsCommand,
  type EventBridgeClient,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, DeleteQueueCommand, SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { declare } from './declared-actions.js';
import { notFoundCodes } from './error-codes.js';
import { AwsError } from './errors.js';
import { eventPathNames, eventPattern } from './event-path-names.js';
import { policyText, queueAttributes, ruleDescription, targetInput, type EventPathStep } from './event-path-steps.js';
import { required } from './parse.js';

export const eventPathWriteActions = [
  // TagResource and TagQueue are no calls of ours: AWS asks for them where something is made with tags.
  ...declare('events', ['PutRule', 'EnableRule', 'DeleteRule', 'PutTargets', 'RemoveTargets', 'TagResource'], 'rule'),
  ...declare('events', ['PutPermission', 'RemovePermission'], 'any'),
  ...declare('sqs', ['CreateQueue', 'TagQueue', 'SetQueueAttributes', 'DeleteQueue'], 'queue', 'undelivered-queue'),
];

export interface EventPathWriteCalls {
  events: EventBridgeClient;
  /** Of the Region. */
  sqs: SQSClient;
  call<T>(operation: string, send: () => Promise<T>): Promise<T>;
}

/** Carries out one step, and answers with the URL of a queue that it made. Rejects with an `AwsError`. */
export async function applyStep(step: EventPathStep, { events, sqs, call }: EventPathWriteCalls): Promise<string | undefined> {
  const { rule: Rule } = eventPathNames;
  switch (step.kind) {
    case 'create-queue': {
      const operation = 'CreateQueue';
      const { QueueUrl } = await call(operation, () =>
        sqs.send(
          new CreateQueueCommand({
            QueueName: step.name,
            Attributes: queueAttributes(step.policy),
            tags: step.tags,
          }),
        ),
      );
      return required(QueueUrl, 'QueueUrl', operation);
    }
    case 'set-queue-policy':
      await call('SetQueueAttributes', () =>
        sqs.send(new SetQueueAttributesCommand({ QueueUrl: step.queueUrl, Attributes: { Policy: policyText(step.policy) } })),
      );
      return undefined;
    case 'put-rule':
      await call('PutRule', () =>
        events.send(
          new PutRuleCommand({
            Name: Rule,
            Description: ruleDescription,
            EventPattern: JSON.stringify(eventPattern),
            State: step.state === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' ? step.state : 'ENABLED',
            ...(step.reason === 'missing' ? { Tags: Object.entries(step.tags).map(([Key, Value]) => ({ Key, Value })) } : {}),
          }),
        ),
      );
      return undefined;
    case 'enable-rule':
      await call('EnableRule', () => events.send(new EnableRuleCommand({ Name: Rule })));
      return undefined;
    case 'put-target':
      refuseFailedEntries(
        'PutTargets',
        await call('PutTargets', () => events.send(new PutTargetsCommand({ Rule, Targets: [targetInput(step)] }))),
      );
      return undefined;
    case 'remove-target':
      refuseFailedEntries(
        'RemoveTargets',
        await call('RemoveTargets', () => events.send(new RemoveTargetsCommand({ Rule, Ids: [step.targetId] }))),
      );
      return undefined;
    case 'delete-rule':
      await call('DeleteRule', () => events.send(new DeleteRuleCommand({ Name: Rule })));
      return undefined;
    case 'delete-queue':
      await call('DeleteQueue', () => sqs.send(new DeleteQueueCommand({ QueueUrl: step.queueUrl })));
      return undefined;
    case 'permit-forwarding':
      await call('PutPermission', () =>
        events.send(
          new PutPermissionCommand({ Action: 'events:PutEvents', Principal: step.accountId, StatementId: step.statementId }),
        ),
      );
      return undefined;
    case 'forbid-forwarding':
      await call('RemovePermission', () => events.send(new RemovePermissionCommand({ StatementId: step.statementId })));
      return undefined;
  }
}

/** HTTP 200 may carry failures per entry. */
function refuseFailedEntries(
  operation: string,
  answer: { FailedEntryCount?: number; FailedEntries?: { ErrorCode?: string; ErrorMessage?: string }[] },
): void {
  const [failure] = answer.FailedEntries ?? [];
  if (!failure && (answer.FailedEntryCount ?? 0) === 0) return;
  throw new AwsError(`${operation}: ${failure?.ErrorMessage ?? failure?.ErrorCode ?? 'AWS refused the target.'}`, {
    kind: notFoundCodes.has(failure?.ErrorCode ?? '') ? 'not-found' : 'invalid',
    operation,
    code: failure?.ErrorCode,
  });
}
