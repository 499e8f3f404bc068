import { z } from 'zod';
import type { GeneratedOrganization } from '../generate/generate-organization.js';
import { emptyTables, type OrganizationIdentity, type Tables } from './records.js';

const version = 1;

const savedState = z.object({
  version: z.literal(version),
  /** How often the organization has been started again: new ids must not repeat those of earlier runs. */
  restarts: z.number().int().nonnegative(),
  identity: z.custom<OrganizationIdentity>((value) => typeof value === 'object' && value !== null),
  tables: z.record(z.string(), z.array(z.tuple([z.string(), z.unknown()]))),
});

/** The organization as JSON text, to go on with it after a restart. Queue, sessions and behaviours are not in it. */
export function saveState(identity: OrganizationIdentity, tables: Tables, restarts: number): string {
  const plain = Object.fromEntries(
    Object.entries(tables).map(([name, table]: [string, Map<string, unknown>]) => [name, [...table]]),
  );
  return JSON.stringify({ version, restarts, identity, tables: plain }, (_name, value: unknown) =>
    value instanceof Map ? { map: [...(value as Map<string, string>)] } : value,
  );
}

/** Throws when the text is not a saved state of this version. */
export function restoreState(text: string): GeneratedOrganization & { restarts: number } {
  const parsed: unknown = JSON.parse(text, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && 'map' in value && Array.isArray(value.map)
      ? new Map(value.map as [string, string][])
      : value,
  );
  const { identity, tables: plain, restarts } = savedState.parse(parsed);
  const tables = emptyTables();
  for (const [name, table] of Object.entries(tables) as [string, Map<string, unknown>][]) {
    for (const [key, record] of plain[name] ?? []) table.set(key, record);
  }
  return { identity, tables, restarts };
}
