import { randomUUID } from 'node:crypto';
import { inTransaction } from '@orgtrail/database';
import type pg from 'pg';
import { askAllVerifications } from '../members/sql/ask-verification.js';
import type { RecognisedOrganization } from './recognise-organization.js';
import { integrationSettings, type IntegrationSettings } from './settings.js';
import { lockRegistration } from './sql/lock-registration.js';
import { insertIntegration } from './sql/insert-integration.js';
import { selectIntegration, selectIntegrations } from './sql/select-integrations.js';
import { updateExternalIds, updateRecognition, updateSettings } from './sql/update-integration.js';
import { wasExternalIdOf, type StoredIntegration } from './integration.js';

/** What the environment says about an integration: only what was given explicitly. */
export interface GivenIntegration {
  settings: Partial<IntegrationSettings>;
  externalId?: string | undefined;
}

/**
 * The integration of this organization, made when there is none yet. What was given explicitly replaces what is stored; the rest stays
 * as it was changed since.
 */
export async function registerFromEnvironment(
  pool: pg.Pool,
  given: GivenIntegration,
  { organization, isManagementAccount }: RecognisedOrganization,
): Promise<StoredIntegration> {
  return inTransaction(pool, async (client) => {
    await lockRegistration(client, organization.id);
    const known = (await selectIntegrations(client)).find(({ organizationId }) => organizationId === organization.id);
    const id = known?.id ?? randomUUID();
    const settings = integrationSettings.parse({ ...known?.settings, ...given.settings });
    if (!known) await insertIntegration(client, { id, settings, externalId: given.externalId });
    else if (JSON.stringify(settings) !== JSON.stringify(known.settings)) await updateSettings(client, id, settings);
    // One that was rotated away through the API does not come back because the environment still has it.
    if (known && given.externalId !== undefined && !wasExternalIdOf(known, given.externalId)) {
      await updateExternalIds(client, id, { externalId: given.externalId });
      await askAllVerifications(client, id);
    }
    await updateRecognition(client, id, {
      organizationId: organization.id,
      partition: organization.partition,
      managementAccountId: organization.managementAccountId,
      isManagementAccount,
    });
    const stored = await selectIntegration(client, id);
    if (!stored) throw new Error('The integration could not be registered.');
    return stored;
  });
}
