import { AwsError, eventPathNames, queuePolicyAllows } from '@orgtrail/aws';
import { byAction, failed, notApplicable, ok, unknown, type Check } from '../check.js';
import type { EventPathExamination, IntegrationExamination } from '../examination.js';
import { makeEventPathAgain } from '../mends.js';
import { ownWay } from '../our-target.js';
import { permissionCheckId } from './permission-checks.js';

const noQueue = notApplicable('the integration has no queue');
const readsQueue = permissionCheckId('sqs:GetQueueAttributes');
/** A message more than this and the intake does not keep up: it takes hundreds a second. */
const deepQueue = 1_000;

/** The queue as the end of the way that events take. */
export const queuePathChecks: readonly Check<EventPathExamination>[] = [
  {
    id: 'queue.configured',
    asks: 'Does the integration read a queue of events?',
    needs: [],
    failureMeans: 'Changes are seen by syncs only: up to the sync interval late, and without who made them.',
    mendedBy: '`orgtrail integration enable-events`',
    run: async (examination) => {
      const { settings, webhook } = examination.stored;
      if (settings.queueUrl !== null) return ok(settings.queueUrl);
      return webhook
        ? notApplicable('events may be posted instead: it has a webhook secret')
        : failed('it has none', ...makeEventPathAgain(examination));
    },
  },
  {
    id: 'queue.reachable',
    asks: 'Does the queue exist, and answer?',
    needs: [readsQueue],
    failureMeans: 'Events cannot be taken in, so changes are seen by syncs only.',
    mendedBy: '`orgtrail integration enable-events`, which makes it; or correct the URL',
    run: async (examination) => {
      const { queueUrl } = examination.stored.settings;
      if (queueUrl === null) return noQueue;
      try {
        const { visible, inFlight, retentionSeconds } = await examination.queue(queueUrl);
        return ok(`${visible} messages wait, ${inFlight} in hand, kept for ${Math.round(retentionSeconds / 86_400)} days`);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        if (error.kind === 'not-found') return failed(`there is no queue ${queueUrl}`, ...makeEventPathAgain(examination));
        if (error.kind !== 'unreachable') throw error;
        return failed(
          `${new URL(queueUrl).host} cannot be reached: ${error.message}`,
          byAction(
            `AWS answers elsewhere, so look at the URL first (its Region, its account): orgtrail integration change ${examination.stored.id} --queue-url …; else let this process reach that host.`,
          ),
        );
      }
    },
  },
  {
    id: 'queue.policy',
    asks: 'May our rule send to the queue?',
    needs: ['queue.reachable'],
    failureMeans: 'EventBridge is refused by the queue: events end in the undelivered queue, or nowhere.',
    mendedBy: '`orgtrail integration enable-events`',
    run: async (examination) => {
      const { stored, managementAccountId, region, partition, rule } = examination;
      if (stored.settings.queueUrl === null) return noQueue;
      const own = ownWay(examination);
      if (own) return own;
      const { policy, arn } = await examination.queue(stored.settings.queueUrl);
      const accountId = managementAccountId ?? arn.split(':')[4] ?? '';
      // The rule may be away; its ARN is known all the same.
      const ruleArn =
        (await rule().catch(() => undefined))?.arn ??
        `arn:${partition}:events:${region}:${accountId}:rule/${eventPathNames.rule}`;
      switch (queuePolicyAllows(policy, { ruleArn, queueArn: arn, accountId })) {
        case 'allowed':
          return ok('allowed');
        case 'denied':
          return failed('its policy lets the rule send nothing', ...makeEventPathAgain(examination));
        case 'unknown':
          return unknown('its policy uses conditions that are not judged here');
      }
    },
  },
];

/** The queue that events are taken from. */
export const queueChecks: readonly Check<IntegrationExamination>[] = [
  ...queuePathChecks,
  {
    id: 'queue.backlog',
    asks: `Do fewer than ${deepQueue.toLocaleString('en-US')} events wait?`,
    needs: [
      'integration.active',
      'queue.reachable',
      permissionCheckId('sqs:ReceiveMessage'),
      permissionCheckId('sqs:DeleteMessage'),
    ],
    failureMeans: 'Events come faster than they are taken in: changes reach the graph late.',
    mendedBy: 'wait, and look whether it becomes less; if not, look at the log of discovery',
    run: async ({ stored, queue, arrival }) => {
      if (stored.settings.queueUrl === null) return noQueue;
      const { visible } = await queue(stored.settings.queueUrl);
      const { lastEventAt } = await arrival();
      const since =
        lastEventAt === undefined ? 'none was ever taken in' : `the last one was taken in at ${lastEventAt.toISOString()}`;
      if (visible < deepQueue) return ok(`${visible} wait; ${since}`);
      return failed(
        `${visible} wait; ${since}`,
        byAction(
          'Ask again in a minute. Where it does not become less: does discovery run, and what does its log say of this integration?',
        ),
      );
    },
  },
];
