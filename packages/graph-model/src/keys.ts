/** Keys of entities are ARNs, computed from ids, so that no read is needed to name the other end of a relationship. */
export interface OrganizationScope {
  /** `aws`, `aws-us-gov`, `aws-cn`, … */
  partition: string;
  /** `o-…` */
  organizationId: string;
  /** 12 digits. */
  managementAccountId: string;
}

export function organizationKey({ partition, organizationId, managementAccountId }: OrganizationScope): string {
  return `arn:${partition}:organizations::${managementAccountId}:organization/${organizationId}`;
}

/** `arn:<partition>:organizations::<management>:root/o-…/r-…`, or the same with `ou` and `ou-…`. */
export function parentKey(scope: OrganizationScope, id: string): string {
  const resource = id.startsWith('r-') ? 'root' : 'ou';
  return `arn:${scope.partition}:organizations::${scope.managementAccountId}:${resource}/${scope.organizationId}/${id}`;
}

/** The account itself, not its membership: `arn:<partition>:iam::<id>:root`. It survives a change of organization. */
export function accountKey({ partition }: Pick<OrganizationScope, 'partition'>, accountId: string): string {
  return `arn:${partition}:iam::${accountId}:root`;
}
