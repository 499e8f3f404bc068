/**
 * Published rates per calling account, in calls a second: AWS Organizations User Guide, "Quotas and service limits" (Tag Editor quotas for
 * GetResources; IAM/STS quotas, 600 a second per account and Region, counted at the caller). Operations that are not listed take the slowest read's rate.
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
};

const slowestRate: PublishedRate = { rate: 1, burst: 2 };

export function publishedRate(operation: string): PublishedRate {
  return publishedRates[operation] ?? slowestRate;
}

/** The IAM action that an operation needs, for policies and documentation. */
export const permissions: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.keys(publishedRates)
      .filter((operation) => /^(List|Describe)/.test(operation))
      .map((operation) => [operation, `organizations:${operation}`]),
  ),
  GetResources: 'tag:GetResources',
  AssumeRole: 'sts:AssumeRole',
  ReceiveMessage: 'sqs:ReceiveMessage',
  DeleteMessageBatch: 'sqs:DeleteMessage',
  GetQueueAttributes: 'sqs:GetQueueAttributes',
};
