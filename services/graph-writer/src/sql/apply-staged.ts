import type pg from 'pg';
import type { ChangeKind, StoredState } from '../change.js';

/** One row of the history that a staged change made. */
export interface AlteredRow {
  /** Which staged change. */
  index: number;
  key: string;
  type: string;
  kind: ChangeKind;
  /** Null where nothing stood there, or where nobody asked. */
  before: StoredState | null;
}

export interface AppliedRows {
  /** Changes that were newer than their subjects; the others are stale. */
  accepted: number;
  /** In the order of the staged changes. */
  altered: AlteredRow[];
}

export interface StagedRange {
  /** Both included. Each subject at most once. */
  first: number;
  last: number;
  /** Time of the batch, as Postgres writes it. */
  at: string;
  /** Whether the states before are wanted: reading them costs. */
  wantsBefore: boolean;
}

export interface RefusedRow {
  index: number;
  /** SQLSTATE, and what of the schema it concerns. */
  code: string;
  table: string | null;
  column: string | null;
  constraint: string | null;
}

/**
 * Applies the staged changes from `$1` to `$2`, of different subjects, to the graph: subjects with their relationships, entities and history, in
 * one statement. `$3`: the time of the batch; `$4`: whether the states before are wanted.
 *
 * A change counts only if its version is greater than the subject's (invariants 1 and 9). Whether it *alters* anything is decided by the
 * rows themselves and not by the change before: a row that somebody altered by hand is healed, and the healing is history. All parts of
 * the statement see the rows as they were before it, and no row is written by two of them. The scopes are locked: nobody else writes here.
 */
const applyStagedSql = `
WITH judged AS MATERIALIZED (
  SELECT staged.i, staged.scope, staged.subject, staged.version, staged.baseline, staged.cause, staged.observed_at::timestamptz AS observed_at, staged.reason, staged.key,
         staged.type, staged.classes, staged.display_name, staged.account_id, coalesce(staged.state, staged.unparsed_state::jsonb) AS state,
         staged.content_hash, stored.version IS NOT NULL AS is_known, stored.live IS TRUE AS was_live,
         stored.created_at IS NOT NULL AS ever_lived, stored.relationships AS old_relationships, stored.entity_key AS old_key
    FROM staged LEFT JOIN graph.subjects AS stored ON stored.scope = staged.scope AND stored.subject = staged.subject
   WHERE staged.i BETWEEN $1 AND $2 AND (stored.version IS NULL OR stored.version < staged.version)
), compared AS MATERIALIZED (
  SELECT judged.*, entity.key IS NOT NULL AS had_entity, entity.live IS TRUE AS entity_lived, entity.type AS old_type,
         entity.live IS TRUE AND judged.reason IS NULL AND entity.key IS DISTINCT FROM judged.key AS leaves_key,
         CASE WHEN judged.reason IS NOT NULL THEN judged.was_live OR entity.live IS TRUE
              ELSE NOT judged.was_live OR CASE WHEN judged.key IS NULL THEN entity.live IS TRUE OR judged.state -> 'relationships' IS DISTINCT FROM judged.old_relationships
                           ELSE (entity.live AND entity.key = judged.key AND entity.type = judged.type AND entity.classes = judged.classes
                                 AND entity.display_name = judged.display_name AND entity.account_id IS NOT DISTINCT FROM judged.account_id
                                 AND entity.properties = judged.state -> 'properties' AND entity.relationships = judged.state -> 'relationships') IS NOT TRUE END END AS alters,
         CASE WHEN $4 AND entity.live
              THEN jsonb_build_object('type', entity.type, 'classes', entity.classes, 'displayName', entity.display_name,
                                      'accountId', entity.account_id, 'properties', entity.properties,
                                      'relationships', entity.relationships)
              WHEN $4 AND judged.was_live THEN jsonb_build_object('relationships', coalesce(judged.old_relationships, '[]')) END AS before
    FROM judged
    LEFT JOIN graph.entities AS entity ON entity.scope = judged.scope AND entity.key = judged.old_key AND entity.subject = judged.subject
), subjects_updated AS (
  UPDATE graph.subjects AS stored
     SET version = change.version,
         live = change.reason IS NULL,
         created_at = CASE WHEN change.reason IS NULL THEN coalesce(stored.created_at, $3) ELSE stored.created_at END,
         -- When it ended first: confirming a tombstone moves nothing.
         ended_at = CASE WHEN change.reason IS NULL THEN NULL WHEN stored.live THEN $3 ELSE coalesce(stored.ended_at, $3) END,
         ended_reason = change.reason,
         relationships = CASE WHEN change.reason IS NOT NULL THEN stored.relationships WHEN change.key IS NULL THEN change.state -> 'relationships' END,
         content_hash = change.content_hash,
         entity_key = CASE WHEN change.reason IS NULL THEN change.key ELSE stored.entity_key END
    FROM compared AS change
   WHERE change.is_known AND stored.scope = change.scope AND stored.subject = change.subject
), subjects_inserted AS (
  INSERT INTO graph.subjects (scope, subject, version, live, created_at, ended_at, ended_reason, relationships, entity_key, content_hash)
  SELECT scope, subject, version, reason IS NULL, CASE WHEN reason IS NULL THEN $3 END, CASE WHEN reason IS NOT NULL THEN $3 END, reason,
         CASE WHEN key IS NULL THEN state -> 'relationships' END, key, content_hash
    FROM compared WHERE NOT is_known
), entities_updated AS (
  UPDATE graph.entities AS stored
     SET type = change.type, classes = change.classes, display_name = change.display_name, account_id = change.account_id,
         properties = change.state -> 'properties', relationships = change.state -> 'relationships', version = change.version, live = true,
         ended_at = NULL, ended_reason = NULL, cause = change.cause,
         updated_at = $3
    FROM compared AS change
   WHERE change.alters AND change.had_entity AND change.old_key = change.key
     AND stored.scope = change.scope AND stored.key = change.key
), entities_inserted AS (
  INSERT INTO graph.entities AS stored
         (scope, key, subject, type, classes, display_name, account_id, properties, relationships, version, live, cause, created_at, updated_at)
  SELECT scope, key, subject, type, classes, display_name, account_id, state -> 'properties', state -> 'relationships', version, true, cause, $3, $3
    FROM compared WHERE alters AND key IS NOT NULL AND NOT (had_entity AND old_key = key)
      ON CONFLICT (scope, key) DO UPDATE
     SET subject = excluded.subject, type = excluded.type, classes = excluded.classes, display_name = excluded.display_name,
         account_id = excluded.account_id, properties = excluded.properties, relationships = excluded.relationships, version = excluded.version,
         live = true,
         ended_at = NULL, ended_reason = NULL, cause = excluded.cause, updated_at = excluded.updated_at
   -- Nobody takes what another subject owns while that lives.
   WHERE stored.subject = excluded.subject OR NOT stored.live
  RETURNING 1
), entities_ended AS (
  UPDATE graph.entities AS stored
     SET live = false, version = change.version, ended_at = $3, ended_reason = coalesce(change.reason, 'REPLACED'), cause = change.cause,
         updated_at = $3
    FROM compared AS change
   WHERE change.alters AND change.entity_lived AND (change.reason IS NOT NULL OR change.leaves_key)
     AND stored.scope = change.scope AND stored.key = change.old_key
), altered AS MATERIALIZED (
  -- What stood under an old key of the subject ends first.
  SELECT i, 0 AS place, old_key AS key, old_type AS type, 'ENDED' AS kind, before FROM compared WHERE alters AND leaves_key
   UNION ALL
  SELECT i, 1,
         CASE WHEN reason IS NULL THEN coalesce(key, subject) WHEN had_entity THEN old_key ELSE subject END,
         coalesce(type, CASE WHEN reason IS NOT NULL THEN old_type END, split_part(subject, ':', 1)),
         CASE WHEN reason IS NOT NULL THEN 'ENDED'
              WHEN baseline THEN 'BASELINE'
              WHEN leaves_key
              THEN CASE WHEN EXISTS (SELECT FROM graph.entities AS known WHERE known.scope = compared.scope AND known.key = compared.key)
                        THEN 'RETURNED' ELSE 'CREATED' END
              WHEN was_live OR entity_lived THEN 'UPDATED'
              WHEN ever_lived OR had_entity THEN 'RETURNED'
              ELSE 'CREATED' END,
         CASE WHEN NOT leaves_key THEN before END
    FROM compared WHERE alters
), history AS (
  INSERT INTO graph.changes (scope, key, version, subject, type, kind, state, cause, observed_at, at)
  SELECT change.scope, altered.key, change.version, change.subject, altered.type, altered.kind,
         CASE WHEN altered.kind <> 'ENDED' THEN change.state END,
         change.cause, change.observed_at, $3
    FROM altered JOIN compared AS change USING (i)
      ON CONFLICT (scope, key, version) DO NOTHING
)
SELECT CASE WHEN (SELECT count(*) FROM entities_inserted)
                 < (SELECT count(*) FROM compared WHERE alters AND key IS NOT NULL AND NOT (had_entity AND old_key = key))
            THEN graph.refuse_foreign_rows()
            ELSE json_build_object(
                   'accepted', (SELECT count(*) FROM compared),
                   'altered', coalesce((SELECT json_agg(json_build_array(i, key, type, kind, before) ORDER BY i, place) FROM altered), '[]'))
       END AS applied`;

type AppliedJson = { accepted: number; altered: [number, string, string, ChangeKind, StoredState | null][] };

/** Applies staged changes, all or none: throws what Postgres says when it refuses one. */
export async function applyStaged(client: pg.PoolClient, { first, last, at, wantsBefore }: StagedRange): Promise<AppliedRows> {
  const { rows } = await client.query<{ applied: AppliedJson }>({
    name: 'apply-staged',
    text: applyStagedSql,
    values: [first, last, at, wantsBefore],
  });
  return appliedRows(rows.map(({ applied }) => applied));
}

/** Applies those of the staged changes that Postgres does not refuse for their content, in their order, and names the others. */
export async function applyStagedIsolating(
  client: pg.PoolClient,
  { first, last, at, wantsBefore }: StagedRange,
): Promise<AppliedRows & { refused: RefusedRow[] }> {
  const { rows } = await client.query<{
    applied: AppliedJson | null;
    refused: number | null;
    code: string | null;
    refused_table: string | null;
    refused_column: string | null;
    refused_constraint: string | null;
  }>(`SELECT * FROM graph.isolate_refused($1, $2, $3, $4, $5)`, [applyStagedSql, first, last, at, wantsBefore]);
  return {
    ...appliedRows(rows.flatMap(({ applied }) => applied ?? [])),
    refused: rows.flatMap(({ refused, code, ...row }) =>
      refused === null
        ? []
        : [
            {
              index: refused,
              code: code ?? '',
              table: named(row.refused_table),
              column: named(row.refused_column),
              constraint: named(row.refused_constraint),
            },
          ],
    ),
  };
}

/** Diagnostics of Postgres that there are none of are empty. */
const named = (name: string | null): string | null => (name === '' ? null : name);

function appliedRows(parts: readonly AppliedJson[]): AppliedRows {
  return {
    accepted: parts.reduce((sum, { accepted }) => sum + accepted, 0),
    altered: parts.flatMap(({ altered }) =>
      altered.map(([index, key, type, kind, before]) => ({ index, key, type, kind, before })),
    ),
  };
}
