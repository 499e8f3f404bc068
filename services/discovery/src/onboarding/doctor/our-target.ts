import { eventPathNames, type RuleTargetRead } from '@orgtrail/aws';
import { otherQueue } from '../values.js';
import { notApplicable, type Finding } from './check.js';
import type { EventPathExamination } from './examination.js';
import { queueUrlBeside } from './queue-url-beside.js';

/** The rule's target that is the queue of the integration; other targets are somebody else's. */
export async function targetOfOurQueue({ stored, targets }: EventPathExamination): Promise<RuleTargetRead | undefined> {
  const { queueUrl } = stored.settings;
  if (queueUrl === null) return undefined;
  const { pathname } = new URL(queueUrl);
  return (await targets()).find(
    ({ arn }) => arn.includes(':sqs:') && new URL(queueUrlBeside(queueUrl, arn)).pathname === pathname,
  );
}

/** Where that target puts what cannot be delivered, if the queue is ours: one of another name may belong to others, too. */
export async function undeliveredQueueUrl(examination: EventPathExamination): Promise<string | undefined> {
  const { queueUrl } = examination.stored.settings;
  const arn = (await targetOfOurQueue(examination))?.undeliveredArn;
  if (queueUrl === null || arn?.split(':').at(-1) !== eventPathNames.undeliveredQueue) return undefined;
  return queueUrlBeside(queueUrl, arn);
}

/** Whoever brings a queue of his own, or has events posted, has his own way there: that events arrive is the proof. */
export function ownWay({ stored, partition }: EventPathExamination): Finding | undefined {
  if (stored.settings.queueUrl === null && stored.webhook) return notApplicable('events are posted by a rule of your own');
  return otherQueue(stored, partition) === undefined ? undefined : notApplicable('the integration reads a queue of your own');
}
