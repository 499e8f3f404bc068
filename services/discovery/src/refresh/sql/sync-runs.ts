import type { Queryable } from '@orgtrail/database';
import type { FoundBy } from '../../observed/sql/store-subjects.js';
import type { SyncFindings } from '../sync-findings.js';
import type { SyncKind } from '../sync-kind.js';

/** Notes that a sync begins. */
export async function beginSync(
  database: Queryable,
  integrationId: string,
  sync: { kind: SyncKind; version: bigint; reason: string },
): Promise<FoundBy> {
  const { rows } = await database.query<{ id: string; started_at: Date }>(
    `INSERT INTO discovery.full_syncs (integration_id, kind, version, reason, started_at)
     VALUES ($1, $2, $3, $4, clock_timestamp()) RETURNING id, started_at`,
    [integrationId, sync.kind, sync.version.toString(), sync.reason],
  );
  const [begun] = rows;
  if (!begun) throw new Error('The sync was not noted.');
  return { id: begun.id, kind: sync.kind, startedAt: begun.started_at.toISOString() };
}

/** How full syncs ended that began after `since`. */
export async function fullSyncsSince(
  database: Queryable,
  integrationId: string,
  since: Date,
): Promise<{ succeeded: boolean; failed: boolean }> {
  const { rows } = await database.query<{ succeeded: boolean | null; failed: boolean | null }>(
    `SELECT bool_or(outcome IN ('complete', 'incomplete')) AS succeeded, bool_or(outcome = 'failed') AS failed
       FROM discovery.full_syncs WHERE integration_id = $1 AND kind = 'full' AND started_at > $2`,
    [integrationId, since],
  );
  return { succeeded: rows[0]?.succeeded ?? false, failed: rows[0]?.failed ?? false };
}

/** What the syncs before could not read. */
export async function selectFindings(database: Queryable, integrationId: string): Promise<SyncFindings | undefined> {
  const { rows } = await database.query<{ sync_findings: SyncFindings | null }>(
    `SELECT sync_findings FROM discovery.integrations WHERE id = $1`,
    [integrationId],
  );
  return rows[0]?.sync_findings ?? undefined;
}

export interface SyncResult {
  id: string;
  kind: SyncKind;
  /** `interrupted`: by a stop, or by whoever took it over. It says nothing about the organization. */
  outcome: 'complete' | 'incomplete' | 'failed' | 'interrupted';
  summary: object;
  /** Of one that came to its end. */
  findings?: SyncFindings;
}

/** Notes how it ended. An integration's history begins with its first full sync that came to its end. */
export async function finishSync(database: Queryable, integrationId: string, result: SyncResult): Promise<void> {
  await database.query(
    `UPDATE discovery.full_syncs SET finished_at = clock_timestamp(), outcome = $2, summary = $3 WHERE id = $1`,
    [result.id, result.outcome, JSON.stringify(result.summary)],
  );
  if (result.outcome === 'failed' || result.outcome === 'interrupted') return;
  await database.query(
    `UPDATE discovery.integrations
        SET last_full_sync_at = CASE WHEN $2 = 'full' THEN clock_timestamp() ELSE last_full_sync_at END,
            baseline_at = CASE WHEN $2 = 'full' THEN coalesce(baseline_at, clock_timestamp()) ELSE baseline_at END,
            last_light_sync_at = CASE WHEN $2 = 'light' THEN clock_timestamp() ELSE last_light_sync_at END,
            sync_findings = $3
      WHERE id = $1`,
    [integrationId, result.kind, result.findings === undefined ? null : JSON.stringify(result.findings)],
  );
}
