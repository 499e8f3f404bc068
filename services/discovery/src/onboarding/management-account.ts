import { eventPathNames } from '@orgtrail/aws';
import { eventPathArns, type EventPathPlace } from './event-path-arns.js';
import { roleArn } from './policies.js';
import type { OnboardingValues } from './values.js';

/** Stands where the account id would, for an integration that does not know it yet. */
export const accountPlaceholder = 'MANAGEMENT_ACCOUNT_ID';

/** The first lines of a text that had to use the placeholder. */
export function explainPlaceholder({ managementAccountId }: OnboardingValues): string[] {
  if (managementAccountId !== undefined) return [];
  return [
    `${accountPlaceholder} stands for the 12 digits of the management account, which this integration does not know yet:`,
    '`orgtrail integration change --role-arn arn:…` tells it, and this text then has them filled in.',
  ];
}

export function managementRoleArn(values: OnboardingValues): string {
  return roleArn({ ...values, accountId: values.managementAccountId ?? accountPlaceholder });
}

function managementPlace({ partition, region, managementAccountId, otherQueueArn }: OnboardingValues): EventPathPlace {
  return { partition, region, accountId: managementAccountId ?? accountPlaceholder, otherQueueArn };
}

export const managementArns = (values: OnboardingValues) => eventPathArns(managementPlace(values));

/** Of the queue that the events come to, when it is ours. */
export function queueUrl({ partition, region, managementAccountId }: OnboardingValues): string {
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://sqs.${region}.${domain}/${managementAccountId ?? accountPlaceholder}/${eventPathNames.queue}`;
}
