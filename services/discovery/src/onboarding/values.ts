import { isEventQueue, organizationsRegion, parseQueueUrl, partitionOfRegion } from '@orgtrail/aws';
import type { StoredIntegration } from '../integrations/integration.js';
import { Refused } from '../integrations/refused.js';

/** Of roles that are made for an integration that names none yet. */
export const defaultRoleName = 'OrgtrailIntegration';
export const managementStackName = 'orgtrail-integration';
export const membersStackSetName = 'orgtrail-members';

/** Everything that the four ways to connect an organization differ in from one integration to the next. */
export interface OnboardingValues {
  integrationId: string;
  /** Typed by people: any printable text, or empty. */
  integrationName: string;
  partition: string;
  /** Where Organizations lives in that partition, and with it its events. */
  region: string;
  /** Absent until a role ARN or AWS has named it. */
  managementAccountId?: string;
  roleName: string;
  /** `/`, or for example `/security/`. */
  rolePath: string;
  /** Whom trust policies name: an IAM role, a user, or the root of an account. */
  trustedPrincipal: string;
  externalId: string;
  /** Still accepted while an external id is being rotated. */
  previousExternalId?: string;
  /** Of the queue that the integration reads already, if it is another than the one that is made here. */
  otherQueueArn?: string;
  forwardingAccountIds: readonly string[];
  /** False: only the management account is wanted. */
  configureMembers: boolean;
  /** Below which members are configured; empty: everywhere. */
  organizationalUnitIds: readonly string[];
  /** Of the templates, where an operator put them into a bucket. */
  templateUrls?: { management: string; members: string };
}

/** Refused where there is no external id: a role without one could be used by everybody whom we serve. */
export function onboardingValues(
  stored: StoredIntegration,
  { trusted, templateUrl }: { trusted: string; templateUrl: string | undefined },
): OnboardingValues {
  const { settings, externalId, previousExternalId } = stored;
  if (externalId === undefined) {
    throw new Refused(
      'conflict',
      'The integration has no external id, and roles without one can be misused. Give it one: `orgtrail integration rotate-external-id`, or ORGTRAIL_EXTERNAL_ID where the environment brings the integration.',
      'NO_EXTERNAL_ID',
    );
  }
  const partition = partitionOf(stored, trusted);
  requireOnePartition(partition, trusted);
  const managementAccountId = managementAccountOf(stored);
  const otherQueueArn = otherQueue(stored, partition);
  return {
    integrationId: stored.id,
    integrationName: settings.name,
    partition,
    region: organizationsRegion(partition),
    ...(managementAccountId === undefined ? {} : { managementAccountId }),
    ...roleNameOf(settings.roleArn),
    trustedPrincipal: trusted,
    externalId,
    ...(previousExternalId === undefined ? {} : { previousExternalId: previousExternalId.value }),
    ...(otherQueueArn === undefined ? {} : { otherQueueArn }),
    forwardingAccountIds: settings.forwardingAccountIds,
    configureMembers: settings.configureOrganizationAccounts,
    organizationalUnitIds: settings.includeOrganizationalUnits,
    ...(templateUrl === undefined
      ? {}
      : { templateUrls: { management: templateUrl, members: new URL('orgtrail-members.yaml', templateUrl).href } }),
  };
}

/** AWS takes no trust policy that names somebody of another partition, and events come where we know Organizations to be. */
function requireOnePartition(partition: string, trusted: string): void {
  if (trusted.split(':')[1] !== partition) {
    throw new Refused(
      'conflict',
      `The role is in partition ${partition}, but Orgtrail runs as ${trusted}: a role trusts principals of its own partition only. Correct the role ARN of the integration, or run Orgtrail with credentials of that partition.`,
      'OTHER_PARTITION',
    );
  }
  if (!partition.startsWith('aws') || partitionOfRegion(organizationsRegion(partition)) !== partition) {
    throw new Refused(
      'conflict',
      `Orgtrail does not know where AWS Organizations is in partition ${partition}. Correct the role ARN of the integration; a right one is arn:aws:iam::111122223333:role/OrgtrailIntegration.`,
      'UNKNOWN_PARTITION',
    );
  }
}

export function partitionOf({ partition, settings }: StoredIntegration, trusted: string): string {
  return partition ?? (settings.roleArn ?? trusted).split(':')[1] ?? 'aws';
}

export function managementAccountOf({ managementAccountId, settings }: StoredIntegration): string | undefined {
  return managementAccountId ?? settings.roleArn?.split(':')[4];
}

export function roleNameOf(roleArn: string | null): { roleName: string; rolePath: string } {
  if (roleArn === null) return { roleName: defaultRoleName, rolePath: '/' };
  const path = roleArn.slice(roleArn.indexOf(':role/') + ':role'.length);
  const end = path.lastIndexOf('/') + 1;
  return { roleName: path.slice(end), rolePath: path.slice(0, end) };
}

/** The ARN of the queue that the settings name, unless it is the one that onboarding makes. */
export function otherQueue(stored: StoredIntegration, partition: string): string | undefined {
  const { queueUrl } = stored.settings;
  if (queueUrl === null) return undefined;
  const ours = organizationsRegion(partition);
  const { region = ours, accountId, name } = parseQueueUrl(queueUrl);
  const isOurs = isEventQueue(queueUrl, { region: ours, accountId: managementAccountOf(stored) ?? accountId });
  return isOurs ? undefined : `arn:${partition}:sqs:${region}:${accountId}:${name}`;
}

/** For a comment of one line, which people read before they run what follows: a name neither ends the line nor turns it around. */
export function named({ integrationId, integrationName }: OnboardingValues): string {
  const visible = integrationName.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
  return visible === '' ? integrationId : `${integrationId} (${visible})`;
}
