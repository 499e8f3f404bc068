import { eventPathOperatorActions, managementRoleActions, memberRoleActions, organizationsRegion } from '@orgtrail/aws';
import type { StoredIntegration } from '../integrations/integration.js';
import { eventPathArns } from './event-path-arns.js';
import { ownPolicy, permissionsPolicy, trustPolicy } from './policies.js';
import { managementAccountOf, otherQueue, partitionOf, roleNameOf } from './values.js';

/** The IAM documents of an integration, for whoever makes the roles by own means. Pure. */
export function roleDocuments(stored: StoredIntegration, trusted: string) {
  const { settings, externalId, previousExternalId } = stored;
  const partition = partitionOf(stored, trusted);
  const { roleName, rolePath } = roleNameOf(settings.roleArn);
  const place = { partition, region: organizationsRegion(partition), accountId: managementAccountOf(stored) ?? '*' };
  const arns = eventPathArns({ ...place, otherQueueArn: otherQueue(stored, partition) });
  return {
    roleName: `${rolePath.slice(1)}${roleName}`,
    trustedPrincipal: trusted,
    /** Of the role in the management account and, under the same name, in every member account. */
    policy: trustPolicy(
      trusted,
      [externalId, previousExternalId?.value].filter((id): id is string => id !== undefined),
    ),
    /** Members need no more than this one. */
    permissions: permissionsPolicy(memberRoleActions, arns),
    managementPermissions: permissionsPolicy(managementRoleActions, arns),
    /** Of the principal that Orgtrail runs as. */
    ownPermissions: ownPolicy({ partition, roleName, rolePath }),
    /** Of whoever runs `orgtrail integration enable-events`, which makes our own queue whatever other is read today. */
    operatorPermissions: permissionsPolicy(eventPathOperatorActions, eventPathArns(place)),
  };
}
