import type { Trails } from './cloudtrail/trails.js';
import type { EventBuses } from './event-bridge/event-buses.js';
import type { Queues } from './sqs/queues.js';

/** The way that events take in a connected customer's account, as Orgtrail's templates make it. */
export const eventPath = {
  rule: 'orgtrail-organization-events',
  target: 'orgtrail-events',
  queue: 'orgtrail-events',
  undeliveredQueue: 'orgtrail-events-undelivered',
  policyStatement: 'OrgtrailEvents',
  pattern: {
    source: ['aws.organizations', 'aws.account', 'aws.controltower'],
    detail: {
      eventSource: ['organizations.amazonaws.com', 'account.amazonaws.com', 'controltower.amazonaws.com'],
      errorCode: [{ exists: false }],
    },
  },
} as const;

const twoWeeks = { MessageRetentionPeriod: '1209600' };

/** Makes queues, rule and target in the management account's Region of Organizations. */
export function connectEventPath(
  { queues, buses }: { queues: Queues; buses: EventBuses },
  accountId: string,
  region: string,
): void {
  const bus = buses.at({ accountId, region });
  const rule = bus.putRule({ name: eventPath.rule, pattern: JSON.stringify(eventPath.pattern) });
  const queueFor = (name: string): string => {
    const place = { accountId, region, name };
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: eventPath.policyStatement,
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: queues.arnOf(place),
          Condition: { ArnEquals: { 'aws:SourceArn': rule.arn } },
        },
      ],
    });
    return queues.create(place, { ...twoWeeks, Policy }).arn;
  };
  const deadLetterArn = queueFor(eventPath.undeliveredQueue);
  bus.putTargets(rule.name, [{ id: eventPath.target, arn: queueFor(eventPath.queue), deadLetterArn }]);
}

/** How events are pushed: to where, and by which secret in which header EventBridge is known there. */
export interface Webhook {
  endpoint: string;
  header: string;
  secret: string;
}

/** Makes connection, API destination, rule and target in the management account's Region of Organizations; nothing is set aside. */
export function connectWebhook(buses: EventBuses, place: { accountId: string; region: string }, webhook: Webhook): void {
  const bus = buses.at(place);
  const name = 'orgtrail-webhook';
  const connection = bus.apiDestinations.createConnection({
    name,
    description: undefined,
    header: webhook.header,
    value: webhook.secret,
  });
  const destination = bus.apiDestinations.createDestination({
    name,
    description: undefined,
    connectionArn: connection.arn,
    endpoint: webhook.endpoint,
    method: 'POST',
    invocationsPerSecond: 300,
  });
  bus.putRule({ name, pattern: JSON.stringify(eventPath.pattern) });
  bus.putTargets(name, [{ id: name, arn: destination.arn, roleArn: `arn:aws:iam::${place.accountId}:role/${name}` }]);
}

/** A trail of all Regions that logs the management events of one account, as nearly every customer has. */
export function logManagementEvents(trails: Trails, accountId: string, homeRegion: string): void {
  const trail = trails.create({
    name: 'management-events',
    accountId,
    homeRegion,
    bucket: `management-events-${accountId}`,
    isMultiRegion: true,
  });
  trails.start(trail);
}
