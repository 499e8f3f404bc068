/** The role of a member: the management account's role, name and path, in the member's account. Undefined when there is no such role. */
export function memberRoleArn(managementRoleArn: string | null, accountId: string): string | undefined {
  if (managementRoleArn === null) return undefined;
  const [arn, partition, service, region, , ...resource] = managementRoleArn.split(':');
  return [arn, partition, service, region, accountId, ...resource].join(':');
}
