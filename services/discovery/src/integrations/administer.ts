import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { z } from 'zod';
import { askAllVerifications } from '../members/sql/ask-verification.js';
import { askFullSync } from '../refresh/sql/sync-asks.js';
import { deleteSecret } from '../webhook/sql/webhook-secrets.js';
import { announce } from './announce.js';
import type { StoredIntegration } from './integration.js';
import { transact } from './transact.js';
import { Refused } from './refused.js';
import { externalId, generateExternalId, integrationSettings, type IntegrationSettings } from './settings.js';
import { eraseEmail } from './sql/erase-email.js';
import { insertIntegration } from './sql/insert-integration.js';
import { selectIntegration, selectIntegrations } from './sql/select-integrations.js';
import { markRemoved, updateSettings, updateState } from './sql/update-integration.js';

const settable = integrationSettings.omit({ syncInterval: true }).extend({
  // Seconds are for the environment only.
  syncInterval: integrationSettings.shape.syncInterval
    .unwrap()
    .refine((interval) => !interval.endsWith('s'), {
      error: 'one of disabled, 30m, 1h, 4h, 8h, 12h, 1d, 1w; for example 4h',
    })
    .default('1h'),
});

/** What creating an integration takes. */
export const newIntegration = settable.extend({
  name: integrationSettings.shape.name.unwrap().min(1, 'a name is needed, for example Production'),
  externalId: externalId.optional(),
});

/** What changing one takes: only what changes. Without the defaults, which would otherwise reset what is not given. */
export const changedSettings = z
  .strictObject(
    Object.fromEntries(
      Object.entries(settable.shape).map(([name, schema]) => [
        name,
        (schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : (schema as z.ZodType)).optional(),
      ]),
    ),
  )
  .refine((given) => Object.keys(given).length > 0, 'give at least one setting');

export async function createIntegration(pool: pg.Pool, given: z.infer<typeof newIntegration>): Promise<StoredIntegration> {
  const { externalId: givenId, ...settings } = given;
  checkTogether(settings);
  const id = randomUUID();
  const known = await selectIntegrations(pool);
  refuseTakenName(known, settings.name);
  const accountId = settings.roleArn?.split(':')[4];
  const same = known.find(({ managementAccountId }) => managementAccountId !== undefined && managementAccountId === accountId);
  if (same) throw alreadyIntegrated(same);
  await insertIntegration(pool, { id, settings, externalId: givenId ?? generateExternalId() });
  return required(await selectIntegration(pool, id), id);
}

export async function changeIntegration(
  pool: pg.Pool,
  id: string,
  given: Partial<IntegrationSettings>,
): Promise<StoredIntegration> {
  return transact(pool, async (client) => {
    const before = required(await selectIntegration(client, id, { lock: true }), id);
    const settings = integrationSettings.parse({ ...before.settings, ...withoutUndefined(given) });
    checkTogether(settings);
    refuseTakenName(
      (await selectIntegrations(client)).filter((other) => other.id !== id),
      settings.name,
    );
    await updateSettings(client, id, settings);
    // Another role of the members' own is noticed where they are derived.
    if (!isDeepStrictEqual(settings.intermediateRole, before.settings.intermediateRole)) await askAllVerifications(client, id);
    // Whatever was read is published again as the new settings want it.
    await askFullSync(client, id, 'settings changed');
    return required(await selectIntegration(client, id), id);
  });
}

export async function setPaused(pool: pg.Pool, id: string, paused: boolean): Promise<StoredIntegration> {
  await updateState(pool, id, paused ? 'paused' : 'active');
  if (!paused) await askFullSync(pool, id, 'resumed');
  return required(await selectIntegration(pool, id), id);
}

/** Nothing is read any more, and everything in the scope ends. The same organization added again is another integration. */
export async function removeIntegration(pool: pg.Pool, id: string): Promise<void> {
  await transact(pool, async (client) => {
    const stored = required(await selectIntegration(client, id, { lock: true }), id);
    await markRemoved(client, id);
    await deleteSecret(client, id);
    // Without an organization nothing was ever read or published.
    if (stored.organizationId !== undefined) await announce(client, id, { removed: true });
  });
}

/** Erases the addresses that were stored while members were configured, here and, through the bus, in the graph and its history. */
export async function purgeEmail(pool: pg.Pool, id: string): Promise<void> {
  await transact(pool, async (client) => {
    const stored = required(await selectIntegration(client, id), id);
    if (stored.settings.configureOrganizationAccounts) {
      throw new Refused(
        'conflict',
        'E-mail addresses belong to configured members. Switch Configure Organization Accounts off first; then purge what was stored before.',
        'MEMBERS_ARE_CONFIGURED',
      );
    }
    if (stored.organizationId === undefined) return;
    // Subjects before the version clock, as every merge locks them.
    await eraseEmail(client, id);
    await announce(client, id, { emailPurgedAt: Date.now() });
  });
}

/** By id, organization id or exact name. */
export async function findIntegration(pool: pg.Pool, reference: string): Promise<StoredIntegration> {
  const known = await selectIntegrations(pool);
  const found =
    known.find(({ id }) => id === reference) ??
    known.find(({ organizationId }) => organizationId === reference) ??
    known.find(({ settings }) => settings.name !== '' && settings.name === reference);
  if (!found)
    throw new Refused(
      'not-found',
      `There is no integration "${reference.slice(0, 128)}". GET /v1/integrations lists them.`,
      'NO_INTEGRATION',
    );
  return found;
}

function checkTogether({
  roleArn,
  intermediateRole,
  includeOrganizationalUnits,
  excludeOrganizationalUnits,
}: IntegrationSettings): void {
  if (intermediateRole && roleArn === null) {
    throw new Refused(
      'invalid',
      'intermediateRole: role chaining needs a roleArn that is assumed from the intermediate role.',
      'INVALID',
      [{ field: 'intermediateRole', problem: 'role chaining needs a roleArn' }],
    );
  }
  const both = includeOrganizationalUnits.find((id) => excludeOrganizationalUnits.includes(id));
  if (both !== undefined) {
    throw new Refused(
      'invalid',
      `excludeOrganizationalUnits: ${both} is to be included too. Name it in one of the two lists.`,
      'INVALID',
      [{ field: 'excludeOrganizationalUnits', problem: `${both} is to be included too` }],
    );
  }
}

function refuseTakenName(known: readonly StoredIntegration[], name: string): void {
  if (name !== '' && known.some(({ settings }) => settings.name.toLowerCase() === name.toLowerCase())) {
    throw new Refused('conflict', `There is an integration named "${name}" already. Choose another name.`, 'NAME_TAKEN');
  }
}

function alreadyIntegrated({ settings, id, organizationId }: StoredIntegration): Refused {
  return new Refused(
    'conflict',
    `Organization ${organizationId ?? ''} is read by integration "${settings.name || id}" already. One organization has one integration: change that one, or remove it first.`,
    'ORGANIZATION_ALREADY_INTEGRATED',
  );
}

function required(stored: StoredIntegration | undefined, id: string): StoredIntegration {
  if (!stored || stored.state === 'removed') throw new Refused('not-found', `There is no integration ${id}.`, 'NO_INTEGRATION');
  return stored;
}

function withoutUndefined<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}
