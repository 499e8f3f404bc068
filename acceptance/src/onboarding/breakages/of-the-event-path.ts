import { eventPathNames } from '@orgtrail/aws';
import type { Installation } from '../installation.js';
import type { Breakage } from './breakage.js';
import type { Operator } from './operator.js';

/** The way of an event, and whether events come. */
export function breakagesOfTheEventPath({ simulator }: Installation, { must, aws, sql, members, unheard }: Operator): Breakage[] {
  const { queueUrl } = simulator;
  const rule = 'orgtrail-organization-events';
  return [
    {
      id: 'events.trail',
      how: 'the trail is stopped',
      break: () =>
        aws('cloudtrail stop-logging --name $(aws cloudtrail describe-trails --query "trailList[0].TrailARN" --output text)'),
    },
    {
      id: 'queue.configured',
      how: 'the integration has no queue',
      break: () => must('orgtrail integration change --queue-url none'),
    },
    { id: 'queue.reachable', how: 'the queue is deleted', break: () => aws(`sqs delete-queue --queue-url ${queueUrl}`) },
    {
      id: 'queue.policy',
      how: 'the queue has no policy',
      break: () => aws(`sqs set-queue-attributes --queue-url ${queueUrl} --attributes '{"Policy":""}'`),
    },
    { id: 'events.rule', how: 'the rule is disabled', break: () => aws(`events disable-rule --name ${rule}`) },
    {
      id: 'events.pattern',
      how: 'the rule lets only MoveAccount through',
      break: () =>
        aws(
          `events put-rule --name ${rule} --event-pattern '{"source":["aws.organizations"],"detail":{"eventName":["MoveAccount"]}}'`,
        ),
    },
    {
      id: 'events.target',
      how: 'the rule has no target',
      break: () => aws(`events remove-targets --rule ${rule} --ids ${eventPathNames.enableEvents.target}`),
    },
    {
      id: 'events.undelivered',
      how: 'an event could not be delivered',
      break: () => aws(`sqs send-message --queue-url ${queueUrl}-undelivered --message-body '{}'`),
    },
    {
      id: 'queue.backlog',
      how: '3,000 events wait, and AWS is slow to hand them out',
      break: async () => {
        simulator.setBehaviour({ latencyMs: { ReceiveMessage: 5_000 } });
        for (let sent = 0; sent < 3_000; sent += 1) simulator.queue.send(eventText(simulator, new Date()));
      },
      byHand: { what: 'AWS is fast again', act: async () => simulator.setBehaviour({ latencyMs: 0 }) },
    },
    {
      id: 'events.arriving',
      how: 'an account moved and no event told',
      break: () =>
        unheard(() => {
          const [account] = members();
          const unit = [...simulator.organization.organizationalUnits.values()].find(({ id }) => id !== account?.parentId);
          simulator.actions.moveAccount({ accountId: account?.id ?? '', destinationParentId: unit?.id ?? '' });
        }, `SELECT 1 FROM discovery.found_changes WHERE outcome = 'missed' AND found_at > $now`),
    },
    {
      id: 'events.delay',
      how: 'the newest events took ten minutes',
      break: async () => {
        for (let sent = 0; sent < 5; sent += 1) simulator.queue.send(eventText(simulator, new Date(Date.now() - 600_000)));
      },
      byHand: {
        what: 'the next events are in time',
        act: async () => {
          for (let sent = 0; sent < 5; sent += 1) simulator.queue.send(eventText(simulator, new Date()));
        },
      },
    },
    {
      id: 'events.read',
      how: 'tags of a thousand unknown accounts, of which forged events told, wait for ten minutes',
      // Claimed, since the simulator lets us read much faster than AWS.
      break: () =>
        sql(`INSERT INTO discovery.refresh_requests
                    (integration_id, subject, lane, parts, reason, priority, ask, due_at, claimed_until)
          SELECT integration.id, 'account:9' || lpad(n::text, 11, '0'), 'tags', '{tags}', 'event', 0, nextval('discovery.asks'),
                 clock_timestamp() - interval '10 minutes', 'infinity'
            FROM discovery.integrations AS integration CROSS JOIN generate_series(1, 1000) AS n`),
      byHand: {
        what: 'nobody forges any more, and all is read',
        act: () => sql(`DELETE FROM discovery.refresh_requests WHERE claimed_until = 'infinity'`),
      },
    },
  ];
}

/** An event that means nothing for the graph, as the rule would deliver it. */
function eventText(simulator: Installation['simulator'], at: Date): string {
  const emitted = simulator.events.emitted.findLast(({ eventName }) => eventName === 'TagResource');
  if (!emitted) throw new Error('No TagResource was emitted yet.');
  const eventTime = at.toISOString().replace(/\.\d+Z$/, 'Z');
  const account = emitted.record.recipientAccountId;
  return JSON.stringify({
    version: '0',
    id: crypto.randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.organizations',
    account,
    time: eventTime,
    region: 'us-east-1',
    resources: [],
    detail: { ...emitted.record, eventID: crypto.randomUUID(), eventTime },
  });
}
