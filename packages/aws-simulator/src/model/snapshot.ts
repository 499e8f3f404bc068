import { z } from 'zod';
import type { GeneratedOrganization } from '../generate/generate-organization.js';
import { emptyTables, type OrganizationIdentity, type Tables } from './records.js';

const snapshotSchema = z.object({
  version: z.literal(1),
  /** How often the organization has been started again: new ids must not repeat those of earlier runs. */
  restarts: z.number().int().nonnegative(),
  identity: z.object({
    partition: z.string(),
    id: z.string(),
    arn: z.string(),
    rootId: z.string(),
    managementAccountId: z.string(),
  }),
  /** Rows by table, as `[key, record]`; maps inside records as `{ map: [[key, value], …] }`. */
  tables: z.record(z.string(), z.array(z.tuple([z.string(), z.unknown()]))),
});

/** A whole organization as plain JSON. Queue, sessions, roles and behaviours are not in it. */
export type SimulatorSnapshot = z.infer<typeof snapshotSchema>;

export function takeSnapshot(identity: OrganizationIdentity, tables: Tables, restarts: number): SimulatorSnapshot {
  const rows = Object.fromEntries(
    Object.entries(tables).map(([name, table]: [string, Map<string, unknown>]) => [name, [...table]]),
  );
  const text = JSON.stringify({ version: 1, restarts, identity, tables: rows }, (_name, value: unknown) =>
    value instanceof Map ? { map: [...(value as Map<string, string>)] } : value,
  );
  return JSON.parse(text) as SimulatorSnapshot;
}

/** Throws a ZodError when it is no snapshot of this version. */
export function restoreSnapshot(snapshot: SimulatorSnapshot): GeneratedOrganization & { restarts: number } {
  const { identity, tables: rows, restarts } = snapshotSchema.parse(snapshot);
  const tables = emptyTables();
  for (const [name, table] of Object.entries(tables) as [string, Map<string, unknown>][]) {
    for (const [key, record] of rows[name] ?? []) table.set(key, withMaps(record));
  }
  return { identity, tables, restarts };
}

function withMaps(record: unknown): unknown {
  if (typeof record !== 'object' || record === null) return record;
  if ('map' in record && Array.isArray(record.map)) return new Map(record.map as [string, string][]);
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, withMaps(value)]));
}
