/** The calls that a sync is made of. First tag reads, the queue, sessions and the way of the events are no part of it. */
const readsOfASync: ReadonlySet<string> = new Set([
  'DescribeOrganization',
  'ListRoots',
  'ListAccounts',
  'ListAccountsForParent',
  'ListOrganizationalUnitsForParent',
  'ListParents',
  'ListChildren',
  'ListDelegatedAdministrators',
  'ListDelegatedServicesForAccount',
  'ListHandshakesForOrganization',
  'ListAWSServiceAccessForOrganization',
  'DescribeAccount',
  'DescribeOrganizationalUnit',
  'GetResources',
]);

export function organizationReads(calls: Readonly<Record<string, number>>): number {
  return Object.entries(calls)
    .filter(([operation]) => readsOfASync.has(operation))
    .reduce((sum, [, count]) => sum + count, 0);
}
