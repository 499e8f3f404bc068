import type { AwsConnectionOptions } from '@orgtrail/aws';
import { intermediateRoleOf, type StoredIntegration } from './integration.js';

/** By which role an organization is reached. Nothing: by ambient credentials. */
export type RoleSettings = Pick<
  AwsConnectionOptions,
  'roleArn' | 'externalId' | 'previousExternalId' | 'intermediateRole' | 'sharesBudgetOf'
>;

/** Who assumes the roles of members, and in which partition. */
export type VerifierSettings = Pick<AwsConnectionOptions, 'intermediateRole' | 'partition'>;

/** The role of an integration, as a connection takes it. */
export function roleOf({ settings, externalId, previousExternalId }: StoredIntegration): RoleSettings {
  return {
    ...(settings.roleArn === null ? {} : { roleArn: settings.roleArn }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(previousExternalId === undefined ? {} : { previousExternalId: previousExternalId.value }),
    ...intermediateRoleOf(settings),
  };
}
