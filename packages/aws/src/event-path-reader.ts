import { DescribeRuleCommand, ListTargetsByRuleCommand, type EventBridgeClient, type Target } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { declare } from './declared-actions.js';
import { AwsError } from './errors.js';
import type { EventPathReader, QueueRead, RuleTargetRead } from './event-path-reads.js';
import { collectPages } from './pages.js';
import { required } from './parse.js';
import { readTrails, trailReadActions, type TrailReadContext } from './read-trails.js';

export const eventPathReadActions = [
  ...declare('events', ['DescribeRule', 'ListTargetsByRule'], 'rule'),
  ...declare('sqs', ['GetQueueAttributes'], 'queue', 'undelivered-queue'),
  ...trailReadActions,
];

export interface EventPathReaderOptions extends TrailReadContext {
  events: EventBridgeClient;
  queuesOf(queueUrl: string): SQSClient;
}

export function createEventPathReader(options: EventPathReaderOptions): EventPathReader {
  const { events, queuesOf, call } = options;
  return {
    rule: async (Name) => {
      const operation = 'DescribeRule';
      const rule = await unlessMissing(() => call(operation, () => events.send(new DescribeRuleCommand({ Name }))));
      return (
        rule && {
          arn: required(rule.Arn, 'Arn', operation),
          state: required(rule.State, 'State', operation),
          pattern: parsedOrText(rule.EventPattern),
        }
      );
    },
    targets: async (Rule) => {
      const operation = 'ListTargetsByRule';
      const targets = await collectPages(operation, async (NextToken) => {
        const page = await call(operation, () => events.send(new ListTargetsByRuleCommand({ Rule, NextToken })));
        return { items: page.Targets ?? [], nextToken: page.NextToken };
      });
      return targets.map(readTarget);
    },
    trails: () => readTrails(options),
    queue: async (QueueUrl) => {
      const { Attributes } = await call('GetQueueAttributes', () =>
        queuesOf(QueueUrl).send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })),
      );
      return readQueue(Attributes ?? {});
    },
  };
}

function readTarget({ Id, Arn, DeadLetterConfig, Input, InputPath, InputTransformer }: Target): RuleTargetRead {
  return {
    id: required(Id, 'Id', 'ListTargetsByRule'),
    arn: required(Arn, 'Arn', 'ListTargetsByRule'),
    ...(DeadLetterConfig?.Arn === undefined ? {} : { undeliveredArn: DeadLetterConfig.Arn }),
    rewritesEvents: Input !== undefined || InputPath !== undefined || InputTransformer !== undefined,
  };
}

function readQueue(attributes: Readonly<Record<string, string>>): QueueRead {
  const operation = 'GetQueueAttributes';
  const number = (name: string): number => {
    const value = Number(required(attributes[name], name, operation));
    if (Number.isFinite(value)) return value;
    throw new AwsError(`${operation}: ${name} is no number in the answer.`, { kind: 'malformed', operation });
  };
  const kmsKeyId = attributes['KmsMasterKeyId'];
  return {
    arn: required(attributes['QueueArn'], 'QueueArn', operation),
    policy: parsedOrText(attributes['Policy']),
    visible: number('ApproximateNumberOfMessages'),
    inFlight: number('ApproximateNumberOfMessagesNotVisible'),
    delayed: number('ApproximateNumberOfMessagesDelayed'),
    ...(kmsKeyId === undefined || kmsKeyId === '' ? {} : { kmsKeyId }),
    retentionSeconds: number('MessageRetentionPeriod'),
  };
}

export const isMissing = (error: unknown): boolean => error instanceof AwsError && error.kind === 'not-found';

export async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Undefined where there is none. What is no JSON stays text: it is judged as something that says nothing. */
export function parsedOrText(text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
