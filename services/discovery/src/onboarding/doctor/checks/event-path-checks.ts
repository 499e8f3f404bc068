import { eventPathNames, eventPattern, patternCovers } from '@orgtrail/aws';
import { consoleAddress } from '../../console-address.js';
import { shellWord } from '../../quoting.js';
import {
  byAction,
  byCommand,
  byConsole,
  failed,
  notApplicable,
  ok,
  unknown,
  type Check,
  type Finding,
  type Mend,
} from '../check.js';
import type { EventPathExamination } from '../examination.js';
import { makeEventPathAgain } from '../mends.js';
import { ownWay, targetOfOurQueue, undeliveredQueueUrl } from '../our-target.js';
import { permissionCheckId } from './permission-checks.js';

const noQueue = notApplicable('the integration has no queue');
const readsQueue = permissionCheckId('sqs:GetQueueAttributes');

/** The way of an event, from the trail to the queue. */
export const eventPathChecks: readonly Check<EventPathExamination>[] = [
  {
    id: 'events.trail',
    asks: 'Does a trail log the management events of Organizations?',
    needs: ['cloudtrail:DescribeTrails', 'cloudtrail:GetTrailStatus', 'cloudtrail:GetEventSelectors'].map(permissionCheckId),
    failureMeans: 'EventBridge gets no event of Organizations, so changes are seen by syncs only.',
    mendedBy: 'start the trail (`aws cloudtrail start-logging`), let it log write management events, or make one',
    run: async (examination) => {
      const unseen = await unseenFromHere(examination);
      if (unseen) return unseen;
      const trails = (await examination.trails()).filter(
        ({ multiRegion, homeRegion }) => multiRegion || homeRegion === examination.region,
      );
      const good = trails.find(({ logging, logsWriteManagementEvents }) => logging && logsWriteManagementEvents);
      if (good) return ok(`${good.name}${good.organizationTrail ? ', of the organization' : ''}`);
      const [stopped] = trails.filter(({ logsWriteManagementEvents }) => logsWriteManagementEvents);
      if (stopped) return failed(`the trail ${stopped.name} is stopped`, startLogging(stopped));
      // No command: put-event-selectors replaces whatever else a trail logs.
      return failed(
        trails.length === 0
          ? `no trail sees ${examination.region}`
          : `no trail logs write management events: ${trails.map(({ name }) => name).join(', ')}`,
        ...toTheConsole(
          examination,
          'cloudtrail/home',
          '#/trails',
          'Let a trail log management events, read and write, beside what it logs; or create one, multi-Region. The first copy of management events is free of charge.',
        ),
      );
    },
  },
  {
    id: 'events.rule',
    asks: `Is the rule ${eventPathNames.rule} there, and enabled?`,
    needs: ['queue.configured', permissionCheckId('events:DescribeRule')],
    failureMeans: 'No event leaves the bus, so changes are seen by syncs only.',
    mendedBy: '`orgtrail integration enable-events`',
    run: async (examination) => {
      const unjudged = (await unseenFromHere(examination)) ?? ownWay(examination);
      if (unjudged) return unjudged;
      const rule = await examination.rule();
      if (!rule) return failed(`there is none in ${examination.region}`, ...makeEventPathAgain(examination));
      if (rule.state === 'DISABLED') return failed('it is disabled', ...makeEventPathAgain(examination));
      return ok(`${rule.state.toLowerCase()} in ${examination.region}`);
    },
  },
  {
    id: 'events.pattern',
    asks: 'Does its pattern let every event through that we need?',
    needs: ['events.rule'],
    failureMeans: 'Some changes have no event, and are seen by syncs only.',
    mendedBy: '`orgtrail integration enable-events`',
    run: async (examination) => {
      const unjudged = (await unseenFromHere(examination)) ?? ownWay(examination);
      if (unjudged) return unjudged;
      switch (patternCovers((await examination.rule())?.pattern, eventPattern)) {
        case 'covers':
          return ok('all writes of Organizations, Account Management and Control Tower');
        case 'narrower':
          return failed('it is narrower than ours', ...makeEventPathAgain(examination));
        case 'unknown':
          return unknown('it uses operators that are not judged here');
      }
    },
  },
  {
    id: 'events.target',
    asks: 'Does the rule send to the queue, unchanged?',
    needs: ['events.rule', permissionCheckId('events:ListTargetsByRule')],
    failureMeans: 'Events go elsewhere, or in a shape that nobody here understands.',
    mendedBy: '`orgtrail integration enable-events`',
    run: async (examination) => {
      const unjudged = (await unseenFromHere(examination)) ?? ownWay(examination);
      if (unjudged) return unjudged;
      const { queueUrl } = examination.stored.settings;
      if (queueUrl === null) return noQueue;
      const target = await targetOfOurQueue(examination);
      if (!target) return failed('no target of it is the queue', ...makeEventPathAgain(examination));
      if (target.rewritesEvents) return failed('the target rewrites events', ...makeEventPathAgain(examination));
      return ok(
        target.undeliveredArn === undefined
          ? 'yes; what cannot be delivered is lost after 24 h'
          : 'yes, with a queue for what cannot be delivered',
      );
    },
  },
  {
    id: 'events.undelivered',
    asks: 'Is the queue of undelivered events empty?',
    needs: ['events.target', readsQueue],
    failureMeans: 'EventBridge could not deliver these events. A full sync has found, or will find, what they were about.',
    mendedBy: 'mend `queue.policy`, then do a full sync and empty that queue',
    run: async (examination) => {
      const { stored, queue, region } = examination;
      const url = await undeliveredQueueUrl(examination);
      if (url === undefined) return notApplicable('the target of our queue has none of ours');
      const { visible, inFlight } = await queue(url);
      if (visible + inFlight === 0) return ok('empty');
      return failed(
        `${visible + inFlight} events`,
        byCommand('orgtrail', `orgtrail integration sync ${stored.id}`),
        byCommand('management-account', `aws sqs purge-queue --queue-url ${shellWord(url)} --region ${region}`),
      );
    },
  },
];

/** Rule, trail and targets are the management account's. */
async function unseenFromHere({
  identity,
  managementAccountId,
  organization,
}: EventPathExamination): Promise<Finding | undefined> {
  const { accountId } = await identity();
  const management = managementAccountId ?? (await organization()).managementAccountId;
  return accountId === management
    ? undefined
    : notApplicable(`it belongs to management account ${management}, and cannot be seen from ${accountId}`);
}

const startLogging = ({ arn, homeRegion }: { arn: string; homeRegion: string }): Mend =>
  byCommand('management-account', `aws cloudtrail start-logging --name ${arn} --region ${homeRegion}`);

function toTheConsole({ partition, region }: EventPathExamination, page: string, fragment: string, text: string): Mend[] {
  const address = consoleAddress({ partition, region });
  return [address === undefined ? byAction(text) : byConsole(`${address}/${page}?region=${region}${fragment}`, text)];
}
