import type { Migration } from '@orgtrail/database';
import { accountColumns } from './0002-views.js';

export const memberProperty = (property: string) => `entity.properties -> '${property}'`;

/** A text property, or NULL for anything else: a view never fails for a value of an unexpected type. */
export const text = (value: string) => `CASE WHEN jsonb_typeof(${value}) = 'string' THEN (${value}) #>> '{}' END`;

/** Nested, because Postgres promises no order within AND: what is no number must not be cast. */
export const memberSince = `CASE WHEN jsonb_typeof(entity.properties -> 'memberSince') = 'number'
            THEN CASE WHEN abs((entity.properties ->> 'memberSince')::numeric) < 1e15
                      THEN to_timestamp((entity.properties ->> 'memberSince')::numeric / 1000) END END`;

export const stateProperty = (property: string) => text(`change.state #> '{properties,${property}}'`);

export const graphMemberColumns: Migration = {
  id: 4,
  name: 'member columns',
  sql: `
-- E-mail addresses in changes up to this version are erased before they are stored; NULL: nothing was ever erased.
ALTER TABLE graph.scopes ADD COLUMN email_purged_version bigint;

CREATE OR REPLACE VIEW graph.accounts AS
${accountColumns},
       ${text(memberProperty('memberStatus'))} AS member_status,
       ${text(memberProperty('memberCause'))} AS member_cause,
       ${memberSince} AS member_since
  FROM graph.entities AS entity
 WHERE entity.type = 'aws_account' AND entity.live;

CREATE OR REPLACE VIEW graph.members AS
SELECT entity.scope,
       entity.account_id,
       entity.key,
       entity.display_name,
       ${text(memberProperty('memberStatus'))} AS status,
       ${text(memberProperty('memberCause'))} AS cause,
       ${text(memberProperty('memberReason'))} AS reason,
       ${memberSince} AS since,
       ${text(memberProperty('memberRoleArn'))} AS role_arn,
       -- Absent means that there are none.
       CASE WHEN NOT entity.properties ? 'memberWarnings' THEN '{}'
            WHEN jsonb_typeof(entity.properties -> 'memberWarnings') = 'array'
            THEN ARRAY(SELECT jsonb_array_elements_text(entity.properties -> 'memberWarnings')) END AS warnings,
       ${text(memberProperty('memberChangedBy'))} AS changed_by,
       entity.parent_id,
       CASE WHEN jsonb_typeof(entity.properties -> 'pathIds') = 'array'
            THEN ARRAY(SELECT jsonb_array_elements_text(entity.properties -> 'pathIds')) END AS path_ids
  FROM graph.entities AS entity
 WHERE entity.type = 'aws_account' AND entity.live AND entity.properties ? 'memberStatus';

CREATE OR REPLACE VIEW graph.member_transitions AS
SELECT scope, account_id, key, at, version, from_status, to_status, cause, reason, changed_by
  FROM (SELECT step.*,
               lag(to_status) OVER history AS from_status,
               lag(cause) OVER history AS from_cause
          FROM (SELECT change.scope, change.key, change.version, change.at,
                       coalesce(change.state ->> 'accountId', split_part(change.subject, ':', 2)) AS account_id,
                       ${stateProperty('memberStatus')} AS to_status,
                       ${stateProperty('memberCause')} AS cause,
                       ${stateProperty('memberReason')} AS reason,
                       ${stateProperty('memberChangedBy')} AS changed_by
                  FROM graph.changes AS change
                 WHERE change.type = 'aws_account') AS step
        WINDOW history AS (PARTITION BY scope, key ORDER BY version)) AS step
 WHERE (from_status, from_cause) IS DISTINCT FROM (to_status, cause);

-- The mark of an erased address says something about the history, not about the entity: it is no difference.
CREATE OR REPLACE FUNCTION graph.flat_state(state jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(state -> 'properties', '{}') - 'emailWithheld'
      || jsonb_strip_nulls(jsonb_build_object('displayName', state -> 'displayName', 'accountId', state -> 'accountId'))
      || coalesce((SELECT jsonb_object_agg('relationship ' || (relationship ->> 'key'), relationship -> 'properties')
                     FROM jsonb_array_elements(state -> 'relationships') AS relationship), '{}')
$$;
`,
};
