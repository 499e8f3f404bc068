import { readEventBacklog } from '../../../refresh/read-backlog.js';
import { byAction, byCommand, failed, notApplicable, ok, type Check } from '../check.js';
import type { IntegrationExamination } from '../examination.js';
import { selectDueEvents } from '../sql/due-events.js';

/** CloudTrail is usually within a minute; it promises nothing. */
const longestDelaySeconds = 120;
/** So long takes a swarm that a person makes. */
const longestReadSeconds = 300;

const noWay = notApplicable('the integration has neither a queue nor a webhook secret');

/** Whether events do arrive, and when: the proof that the way works. */
export const arrivalChecks: readonly Check<IntegrationExamination>[] = [
  {
    id: 'events.arriving',
    asks: 'Do events arrive?',
    needs: ['integration.active', 'queue.reachable', 'events.target'],
    failureMeans: 'No event is known to have come this way since the last change that nobody announced: the way is not proven.',
    mendedBy:
      'make an event: tag and untag the management account; if none arrives within minutes, the checks of `events.` and `queue.` say where it ends',
    run: async ({ stored, arrival, postsTaken, organization, region }) => {
      if (stored.settings.queueUrl === null && !stored.webhook) return noWay;
      if (stored.settings.queueUrl === null && !(await postsTaken())) {
        return failed(
          'there is a webhook secret and no queue, and no replica listens for posts',
          byAction('Set WEBHOOK_PORT (8086, for example) where Orgtrail runs, or in the Helm chart discovery.webhook.enabled.'),
        );
      }
      const { lastEventAt, missed, lastMissedAt } = await arrival();
      const unannounced =
        missed === 0
          ? ''
          : `; events were lost: changes of the last 7 days that syncs found without one: ${missed} (\`orgtrail integration proof\`)`;
      if (lastEventAt !== undefined && (lastMissedAt === undefined || lastMissedAt <= lastEventAt)) {
        return ok(`the last one at ${lastEventAt.toISOString()}${unannounced}`);
      }
      const { managementAccountId } = await organization();
      const resource = `--resource-id ${managementAccountId}`;
      return failed(
        lastEventAt === undefined
          ? `none has ever arrived${unannounced}`
          : `none since ${lastEventAt.toISOString()}${unannounced}`,
        byCommand(
          'management-account',
          `aws organizations tag-resource ${resource} --tags Key=orgtrail-doctor,Value=hello --region ${region} && aws organizations untag-resource ${resource} --tag-keys orgtrail-doctor --region ${region}`,
        ),
      );
    },
  },
  {
    id: 'events.delay',
    asks: `Do events arrive within ${longestDelaySeconds} s?`,
    needs: ['integration.active', 'clock.skew', 'queue.reachable'],
    failureMeans: 'Changes reach the graph late: CloudTrail or EventBridge took long, or the queue was not read.',
    mendedBy: 'look at the AWS Health Dashboard; it becomes right by itself with the next events',
    run: async ({ stored, arrival }) => {
      if (stored.settings.queueUrl === null && !stored.webhook) return noWay;
      const { delays } = await arrival();
      const middle = delays.toSorted((left, right) => left - right)[Math.floor(delays.length / 2)];
      if (middle === undefined) return notApplicable('nothing was told of accounts or OUs in the last day');
      const found = `${Math.max(0, Math.round(middle))} s (the median of the newest ${delays.length})`;
      if (middle <= longestDelaySeconds) return ok(found);
      return failed(
        found,
        byAction(
          'Look at the AWS Health Dashboard for CloudTrail and EventBridge, and at queue.backlog. A full sync shows the changes meanwhile.',
        ),
      );
    },
  },
  {
    id: 'events.read',
    asks: `Is what events told of read within ${longestReadSeconds / 60} minutes?`,
    needs: ['integration.active'],
    failureMeans:
      'More is due than AWS lets us read, or nobody reads it: changes reach the graph late, also those whose events came in time.',
    mendedBy:
      'wait; where most of it is of accounts or OUs that nobody knows, find out who sends such events: whoever has the webhook secret can',
    run: async ({ pool, stored, aws }) => {
      if (stored.settings.queueUrl === null && !stored.webhook) return noWay;
      const callsPerSecond = (operation: string): number => aws.allowedPerSecond(operation);
      const { due, expectedSeconds } = await readEventBacklog(pool, stored.id, { callsPerSecond });
      if (due === 0) return ok('nothing is due');
      const { strangers, oldestSeconds } = await selectDueEvents(pool, stored.id);
      const unknownOnes = strangers === 0 ? '' : `; ${strangers} of them of what is not known here`;
      const found = `${due} ${due === 1 ? 'read is' : 'reads are'} due, the oldest for ${oldestSeconds} s; at least ${expectedSeconds} s more at our share of AWS's rates${unknownOnes}`;
      if (Math.max(expectedSeconds, oldestSeconds) <= longestReadSeconds) return ok(found);
      return failed(
        found,
        strangers > due / 2
          ? byAction(
              `Most is not of your organization. Where it comes by the webhook, its secret is known to somebody else: \`orgtrail webhook-secret ${stored.id} --overlap-hours 0\`. Look also at who may send to the queue. What is known is read first meanwhile.`,
            )
          : byAction(
              'Ask again in some minutes: it becomes less by itself. If not, look at the log of discovery. A larger AWS_RATE_SHARE reads faster.',
            ),
      );
    },
  },
];
