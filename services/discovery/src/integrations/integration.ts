import { partitionOfArn } from '@orgtrail/aws';
import type { SyncFindings } from '../refresh/sync-findings.js';
import type { SyncProgress } from '../refresh/sync-progress.js';
import type { IntegrationSettings } from './settings.js';

/** An integration as it is kept. What AWS says about it is absent until AWS was asked. */
export interface StoredIntegration {
  /** UUID: the scope of everything that is read through it. */
  id: string;
  settings: IntegrationSettings;
  externalId?: string;
  previousExternalId?: { value: string; validUntil: Date };
  retiredExternalId?: string;
  /** Where events may be posted with a secret. The secret itself is not kept. */
  webhook?: { since: Date; previousValidUntil?: Date };
  state: 'active' | 'paused' | 'removed';
  condition: { code: ConditionCode; cause?: string; message: string; since: Date };
  /** `o-…` */
  organizationId?: string;
  /** `aws`, `aws-us-gov`, `aws-cn`, … */
  partition?: string;
  /** 12 digits. */
  managementAccountId?: string;
  /** False for a delegated administrator. */
  isManagementAccount?: boolean;
  /** How many endings wait for an operator, where any do. */
  heldDeletions?: number;
  settingsVersion: string;
  createdAt: Date;
  lastFullSyncAt?: Date;
  lastLightSyncAt?: Date;
  /** Of the sync that runs now. */
  runningSync?: SyncProgress;
  /** What the last syncs could not read. */
  syncFindings?: SyncFindings;
}

export type ConditionCode = 'WAITING' | 'CONNECTED' | 'FAILED' | 'PAUSED';

/** An integration whose organization is known: what reading, merging and publishing need. */
export interface Integration extends IntegrationSettings {
  id: string;
  organizationId: string;
  partition: string;
  managementAccountId: string;
}

/** The integration, when AWS has said whose it is. */
export function recognised(stored: StoredIntegration): Integration | undefined {
  const { id, organizationId, partition, managementAccountId, settings } = stored;
  if (organizationId === undefined || partition === undefined || managementAccountId === undefined) return undefined;
  return { ...settings, id, organizationId, partition, managementAccountId };
}

/** The role that is assumed before any other, as the AWS connection takes it. */
export function intermediateRoleOf({ intermediateRole }: Pick<Partial<IntegrationSettings>, 'intermediateRole'>): {
  intermediateRole?: { roleArn: string; externalId?: string };
} {
  if (!intermediateRole) return {};
  const { roleArn, externalId } = intermediateRole;
  return { intermediateRole: { roleArn, ...(externalId === undefined ? {} : { externalId }) } };
}

/** Who assumes the members' roles, and in which partition: that of the integration's own role. Without one, that of our credentials. */
export function verifierSettingsOf(settings: Pick<IntegrationSettings, 'roleArn' | 'intermediateRole'>) {
  return { ...intermediateRoleOf(settings), partition: partitionOfArn(settings.roleArn) };
}

/** The external id that it has, or one that was rotated away. */
export function wasExternalIdOf(
  { externalId, previousExternalId, retiredExternalId }: StoredIntegration,
  candidate: string,
): boolean {
  return [externalId, previousExternalId?.value, retiredExternalId].includes(candidate);
}
