import type pg from 'pg';
import type { ChangeKind, StoredState } from '../change.js';

/** One row of the history that a staged change made. */
export interface AlteredRow {
  /** Which staged change. */
  index: number;
  kind: ChangeKind;
  /** Undefined where nobody asked. */
  details?: {
    key: string;
    type: string;
    /** Null where nothing stood there. */
    before: StoredState | null;
  };
}

export interface AppliedRows {
  /** Changes that were newer than their subjects; the others are stale. */
  accepted: number;
  /** Those of them that altered nothing but a version. */
  unchanged: number;
  /** In the order of the staged changes. */
  altered: AlteredRow[];
}

export interface StagedRange {
  /** Both included. Each subject at most once. */
  first: number;
  last: number;
  /** Time of the batch, as Postgres writes it. */
  at: string;
  /** Whether more is wanted of the rows than their kinds: reading it costs. */
  wantsDetails: boolean;
}

export interface RefusedRow {
  index: number;
  /** SQLSTATE, and what of the schema it concerns. */
  code: string;
  table: string | null;
  column: string | null;
  constraint: string | null;
}

/** Of a living subject: whether what it says differs from what stands there. Never NULL. */
const contentDiffers = `CASE WHEN key IS NULL THEN entity_lived OR state -> 'relationships' IS DISTINCT FROM old_relationships
                           ELSE (entity_lived AND old_key = key AND old_type = type AND old_classes = classes
                                 AND old_display_name = display_name AND old_account_id IS NOT DISTINCT FROM account_id
                                 AND old_properties = state -> 'properties' AND old_entity_relationships = state -> 'relationships') IS NOT TRUE END`;

/** Whether it tells nothing new but the cause of what is known. */
const onlyExplains = `told_kind IS NOT NULL AND NOT ${contentDiffers}`;

/** In the order of their numbers in what the statement says. */
const kinds: readonly ChangeKind[] = ['BASELINE', 'CREATED', 'UPDATED', 'ENDED', 'RETURNED'];

/**
 * Applies the staged changes from `$1` to `$2`, of different subjects, to the graph: subjects with their relationships, entities and history, in
 * one statement. `$3`: the time of the batch; `$4`: whether more is wanted of the rows than their kinds.
 *
 * A change counts only if its version is greater than the subject's (invariants 1 and 9). Whether it *alters* anything is decided by the
 * rows themselves and not by the change before: a row that somebody altered by hand is healed, and the healing is history. All parts of
 * the statement see the rows as they were before it, and no row is written by two of them. The scopes are locked: no other writer writes here.
 *
 * The quick form finds the rows again by their place, and inserts what was not there. Where a row moved meanwhile, under somebody's hands, or is there after
 * all, under another subject, Postgres refuses the whole with a code of class 23; the careful form finds the way, row by row.
 */
const applyStagedSql = (form: 'quick' | 'careful'): string => `
WITH compared AS MATERIALIZED (
  -- What is asked of every row stands first: behind the wide columns it would cost to find.
  SELECT CASE WHEN reason IS NOT NULL
              -- Why it ended may be told after the ending, which then stands in the history a second time, with its cause; not where another subject has its key.
              THEN was_live OR entity_lived OR (ever_lived AND old_reason IS DISTINCT FROM reason AND (had_entity OR old_key IS NULL))
              -- Nor may why something changed, by an event that came late: then the history has the change a second time, with its cause.
              ELSE NOT was_live OR told_kind IS NOT NULL OR ${contentDiffers}
         END AS alters,
         is_known, entity_lived, had_entity, leaves_key, key IS NOT NULL AS owns_entity, had_entity AND old_key = key AS keeps_key, i, subject_place, entity_place,
         CASE WHEN reason IS NOT NULL THEN 'ENDED'
              WHEN baseline THEN 'BASELINE'
              WHEN leaves_key
              THEN CASE WHEN EXISTS (SELECT FROM graph.entities AS known WHERE known.scope = judged.scope AND known.key = judged.key)
                        THEN 'RETURNED' ELSE 'CREATED' END
              WHEN was_live OR entity_lived THEN CASE WHEN ${onlyExplains} THEN told_kind ELSE 'UPDATED' END
              WHEN ever_lived OR had_entity THEN 'RETURNED'
              ELSE 'CREATED' END AS kind,
         CASE WHEN ${onlyExplains} THEN explained_version END AS explained_version,
         scope, subject, version, content_hash, cause, found_by, observed_at, reason, key, type, classes, display_name, account_id, old_key, old_type,
         CASE WHEN reason IS NULL THEN coalesce(key, subject) WHEN had_entity THEN old_key ELSE subject END AS changed_key,
         coalesce(type, CASE WHEN reason IS NOT NULL THEN old_type END, split_part(subject, ':', 1)) AS changed_type,
         state,
         CASE WHEN $4 AND entity_lived
              THEN jsonb_build_object('type', old_type, 'classes', old_classes, 'displayName', old_display_name, 'accountId', old_account_id,
                                      'properties', old_properties, 'relationships', old_entity_relationships)
              WHEN $4 AND was_live THEN jsonb_build_object('relationships', coalesce(old_relationships, '[]')) END AS before
    FROM (SELECT staged.i, staged.scope, staged.subject, staged.version, staged.content_hash, staged.baseline, staged.cause, staged.found_by,
                 staged.explained_version, staged.observed_at, staged.reason, staged.key, staged.type, staged.classes, staged.display_name,
                 staged.account_id, coalesce(staged.state, staged.unparsed_state::jsonb) AS state,
                 CASE WHEN staged.explained_version IS NOT NULL AND stored.live
                      THEN graph.unexplained_change(staged.scope, coalesce(staged.key, staged.subject), staged.explained_version) END AS told_kind,
                 stored.version IS NOT NULL AS is_known, stored.live IS TRUE AS was_live, stored.created_at IS NOT NULL AS ever_lived,
                 stored.ended_reason AS old_reason,
                 stored.relationships AS old_relationships, stored.entity_key AS old_key, stored.ctid AS subject_place, entity.ctid AS entity_place,
                 entity.key IS NOT NULL AS had_entity, entity.live IS TRUE AS entity_lived,
                 entity.live IS TRUE AND staged.reason IS NULL AND entity.key IS DISTINCT FROM staged.key AS leaves_key,
                 entity.type AS old_type, entity.classes AS old_classes, entity.display_name AS old_display_name, entity.account_id AS old_account_id,
                 entity.properties AS old_properties, entity.relationships AS old_entity_relationships
            FROM staged
            LEFT JOIN graph.subjects AS stored ON stored.scope = staged.scope AND stored.subject = staged.subject
            LEFT JOIN graph.entities AS entity ON entity.scope = stored.scope AND entity.key = stored.entity_key AND entity.subject = stored.subject
           WHERE staged.i BETWEEN $1 AND $2 AND (stored.version IS NULL OR stored.version < staged.version)) AS judged
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
   WHERE change.is_known AND ${form === 'quick' ? 'stored.ctid = change.subject_place' : 'stored.scope = change.scope AND stored.subject = change.subject'}
  RETURNING 1
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
   WHERE change.alters AND change.keeps_key AND ${form === 'quick' ? 'stored.ctid = change.entity_place' : 'stored.scope = change.scope AND stored.key = change.key'}
  RETURNING 1
), entities_inserted AS (
  INSERT INTO graph.entities AS stored
         (scope, key, subject, type, classes, display_name, account_id, properties, relationships, version, live, cause, created_at, updated_at)
  SELECT scope, key, subject, type, classes, display_name, account_id, state -> 'properties', state -> 'relationships', version, true, cause, $3, $3
    FROM compared WHERE alters AND owns_entity AND keeps_key IS NOT TRUE
  ${form === 'quick' ? '' : takeEndedRows}
), entities_ended AS (
  UPDATE graph.entities AS stored
     SET live = false, version = change.version, ended_at = CASE WHEN stored.live THEN $3 ELSE coalesce(stored.ended_at, $3) END,
         ended_reason = coalesce(change.reason, 'REPLACED'), cause = change.cause, updated_at = $3
    FROM compared AS change
   WHERE change.alters AND (change.leaves_key OR (change.had_entity AND change.reason IS NOT NULL))
     AND stored.scope = change.scope AND stored.key = change.old_key
), history AS (
  INSERT INTO graph.changes (scope, key, version, subject, type, kind, state, cause, found_by, explained_version, observed_at, at)
  SELECT scope, changed_key, version, subject, changed_type, kind, CASE WHEN kind <> 'ENDED' THEN state END, cause, found_by, explained_version, observed_at, $3
    FROM compared WHERE alters
   UNION ALL
  -- What stood under an old key of the subject ends.
  SELECT scope, old_key, version, subject, old_type, 'ENDED', NULL, cause, found_by, NULL, observed_at, $3
    FROM compared WHERE alters AND leaves_key
  ${form === 'quick' ? '' : 'ON CONFLICT (scope, key, version) DO NOTHING'}
), counted AS (
  SELECT count(*) AS accepted, count(*) FILTER (WHERE is_known) AS known,
         count(*) FILTER (WHERE alters AND keeps_key) AS kept, count(*) FILTER (WHERE alters AND owns_entity AND keeps_key IS NOT TRUE) AS fresh,
         -- Numbers: to make an array or an object of each row costs more than all else that is counted.
         json_agg(i * ${kinds.length} + CASE kind ${kinds.map((kind, code) => `WHEN '${kind}' THEN ${code}`).join(' ')} END) FILTER (WHERE alters) AS altered,
         json_agg(i) FILTER (WHERE alters AND leaves_key) AS leaving,
         json_agg(json_build_array(i,
                    json_build_object('key', changed_key, 'type', changed_type, 'before', CASE WHEN NOT leaves_key THEN before END),
                    CASE WHEN leaves_key THEN json_build_object('key', old_key, 'type', old_type, 'before', before) END))
           FILTER (WHERE alters AND $4) AS details
    FROM compared
)
SELECT CASE WHEN (SELECT count(*) FROM subjects_updated) < known OR (SELECT count(*) FROM entities_updated) < kept${form === 'quick' ? '' : lostRows}
            THEN graph.refuse_foreign_rows()
            ELSE json_build_object('accepted', accepted, 'altered', altered, 'leaving', leaving, 'details', details)
       END AS applied
  FROM counted`;

/** Somebody lives at the key, or had it at the same version: the history has one row for that. */
const lostRows = `
                 OR (SELECT count(*) FROM entities_inserted) < fresh
                 OR EXISTS (SELECT FROM compared AS change
                              JOIN graph.changes AS known ON known.scope = change.scope AND known.key = change.changed_key AND known.version = change.version
                             WHERE change.alters AND known.subject <> change.subject)`;

/** Nobody takes what another subject owns while that lives. */
const takeEndedRows = `ON CONFLICT (scope, key) DO UPDATE
     SET subject = excluded.subject, type = excluded.type, classes = excluded.classes, display_name = excluded.display_name,
         account_id = excluded.account_id, properties = excluded.properties, relationships = excluded.relationships, version = excluded.version,
         live = true, ended_at = NULL, ended_reason = NULL, cause = excluded.cause, updated_at = excluded.updated_at
   WHERE stored.subject = excluded.subject OR NOT stored.live
  RETURNING 1`;

const quickSql = applyStagedSql('quick');
const carefulSql = applyStagedSql('careful');

type Details = NonNullable<AlteredRow['details']>;
interface AppliedJson {
  accepted: number;
  /** Of each change that altered something its number times `kinds.length`, and that of its kind. */
  altered: number[] | null;
  /** Numbers of those whose subjects had another key before, of which what stood there ended. */
  leaving: number[] | null;
  /** Where they are wanted: of the number of a change, of its key, and of the other that its subject had before. */
  details: [number, Details, Details | null][] | null;
}

/** Applies staged changes, all or none, the quick way: throws what Postgres says when it refuses one. */
export async function applyStaged(client: pg.PoolClient, { first, last, at, wantsDetails }: StagedRange): Promise<AppliedRows> {
  const { rows } = await client.query<{ applied: AppliedJson }>({
    name: 'apply-staged',
    text: quickSql,
    values: [first, last, at, wantsDetails],
  });
  return appliedRows(rows.map(({ applied }) => applied));
}

/** Applies those of the staged changes that Postgres does not refuse for their content, in their order, and names the others. */
export async function applyStagedIsolating(
  client: pg.PoolClient,
  { first, last, at, wantsDetails }: StagedRange,
): Promise<AppliedRows & { refused: RefusedRow[] }> {
  const { rows } = await client.query<{
    applied: AppliedJson | null;
    refused: number | null;
    code: string | null;
    refused_table: string | null;
    refused_column: string | null;
    refused_constraint: string | null;
  }>(`SELECT * FROM graph.isolate_refused($1, $2, $3, $4, $5)`, [carefulSql, first, last, at, wantsDetails]);
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
  const sum = (count: (part: AppliedJson) => number): number => parts.reduce((all, part) => all + count(part), 0);
  return {
    accepted: sum(({ accepted }) => accepted),
    unchanged: sum(({ accepted, altered }) => accepted - (altered?.length ?? 0)),
    altered: parts.flatMap(rowsOf).sort((left, right) => left.index - right.index),
  };
}

/** What stood under the other key of a subject ends first. */
function rowsOf({ altered, leaving, details }: AppliedJson): AlteredRow[] {
  const isLeaving = new Set(leaving);
  const detailsOf = new Map(details?.map(([index, ofKey, ofOldKey]) => [index, { ofKey, ofOldKey }]));
  const rows: AlteredRow[] = [];
  for (const code of altered ?? []) {
    const index = Math.floor(code / kinds.length);
    const kind = kinds[code % kinds.length];
    if (kind === undefined) continue;
    const of = detailsOf.get(index);
    if (isLeaving.has(index)) rows.push(rowOf(index, 'ENDED', of?.ofOldKey));
    rows.push(rowOf(index, kind, of?.ofKey));
  }
  return rows;
}

const rowOf = (index: number, kind: ChangeKind, details: Details | null | undefined): AlteredRow =>
  details ? { index, kind, details } : { index, kind };
