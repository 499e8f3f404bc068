/**
 * Published rates per calling account, in calls a second: AWS Organizations User Guide, "Quotas and service limits" (Tag Editor quotas for
 * GetResources; IAM/STS quotas, 600 a second per account and Region, counted at the caller; CloudTrail, "Quotas": 10 for reads; EventBridge
 * names 50 for its control plane's writes, and nothing for reads: a fifth of that is taken). Operations that are not listed take the
 * slowest read's rate. AWS's table names several operations in one row; a bucket for each is assumed, and half of it leaves room where
 * AWS counts a row together: only one of ListOrganizationalUnitsForParent, ListParents and ListAccountsForParent is called at length.
 */
export interface PublishedRate {
  rate: number;
  burst: number;
}

export const publishedRates: Readonly<Record<string, PublishedRate>> = {
  DescribeAccount: { rate: 20, burst: 30 },
  DescribeOrganization: { rate: 1, burst: 2 },
  DescribeOrganizationalUnit: { rate: 2, burst: 2 },
  ListAccounts: { rate: 8, burst: 12 },
  ListAccountsForParent: { rate: 5, burst: 8 },
  ListChildren: { rate: 6, burst: 10 },
  ListDelegatedAdministrators: { rate: 5, burst: 8 },
  ListDelegatedServicesForAccount: { rate: 1, burst: 3 },
  ListHandshakesForOrganization: { rate: 5, burst: 8 },
  ListOrganizationalUnitsForParent: { rate: 5, burst: 8 },
  ListParents: { rate: 5, burst: 8 },
  ListRoots: { rate: 1, burst: 2 },
  ListTagsForResource: { rate: 10, burst: 15 },
  GetResources: { rate: 15, burst: 15 },
  AssumeRole: { rate: 600, burst: 600 },
  GetCallerIdentity: { rate: 600, burst: 600 },
  DescribeTrails: { rate: 10, burst: 10 },
  GetTrailStatus: { rate: 10, burst: 10 },
  GetEventSelectors: { rate: 10, burst: 10 },
  DescribeRule: { rate: 10, burst: 10 },
  ListTargetsByRule: { rate: 10, burst: 10 },
  DescribeEventBus: { rate: 10, burst: 10 },
  PutRule: { rate: 50, burst: 50 },
  EnableRule: { rate: 50, burst: 50 },
  DeleteRule: { rate: 50, burst: 50 },
  PutTargets: { rate: 50, burst: 50 },
  RemoveTargets: { rate: 50, burst: 50 },
  PutPermission: { rate: 50, burst: 50 },
  RemovePermission: { rate: 50, burst: 50 },
  // SQS publishes no limit for what is asked of standard queues: these only keep us modest.
  GetQueueUrl: { rate: 100, burst: 100 },
  ListQueueTags: { rate: 100, burst: 100 },
  CreateQueue: { rate: 100, burst: 100 },
  SetQueueAttributes: { rate: 100, burst: 100 },
  DeleteQueue: { rate: 100, burst: 100 },
  GetQueueAttributes: { rate: 100, burst: 100 },
  ReceiveMessage: { rate: 100, burst: 100 },
  DeleteMessageBatch: { rate: 100, burst: 100 },
  ChangeMessageVisibilityBatch: { rate: 100, burst: 100 },
};

const slowestRate: PublishedRate = { rate: 1, burst: 2 };

export function publishedRate(operation: string): PublishedRate {
  return publishedRates[operation] ?? slowestRate;
}

/** Our share of an operation's published sustained rate, in calls a second. */
export function allowedPerSecond(operation: string, rateShare: number): number {
  return publishedRate(operation).rate * rateShare;
}
