import type { Migration } from '@orgtrail/database';

/** A text property, or NULL for anything else: a view never fails for a value of an unexpected type. */
const text = (property: string) =>
  `CASE WHEN jsonb_typeof(entity.properties -> '${property}') = 'string' THEN entity.properties ->> '${property}' END`;

export const graphMembers: Migration = {
  id: 3,
  name: 'members',
  sql: `
-- The members that are configured by themselves: which are not connected, why, and since when is one SELECT.
CREATE VIEW graph.members AS
SELECT entity.scope,
       entity.account_id,
       entity.key,
       entity.display_name,
       ${text('memberStatus')} AS status,
       ${text('memberCause')} AS cause,
       ${text('memberReason')} AS reason,
       CASE WHEN jsonb_typeof(entity.properties -> 'memberSince') = 'number' AND abs((entity.properties ->> 'memberSince')::numeric) < 1e15
            THEN to_timestamp((entity.properties ->> 'memberSince')::numeric / 1000) END AS since,
       ${text('memberRoleArn')} AS role_arn,
       CASE WHEN jsonb_typeof(entity.properties -> 'memberWarnings') = 'array'
            THEN ARRAY(SELECT jsonb_array_elements_text(entity.properties -> 'memberWarnings')) ELSE '{}' END AS warnings,
       ${text('memberChangedBy')} AS changed_by,
       entity.parent_id,
       CASE WHEN jsonb_typeof(entity.properties -> 'pathIds') = 'array'
            THEN ARRAY(SELECT jsonb_array_elements_text(entity.properties -> 'pathIds')) END AS path_ids
  FROM graph.entities AS entity
 WHERE entity.type = 'aws_account' AND entity.live AND entity.properties ? 'memberStatus';

-- How members came to their status, from the history: one row per change of status or cause.
CREATE VIEW graph.member_transitions AS
SELECT scope, account_id, key, at, version, from_status, to_status, cause, reason, changed_by
  FROM (SELECT change.scope, change.key, change.version, change.at, change.kind,
               coalesce(change.state ->> 'accountId', split_part(change.subject, ':', 2)) AS account_id,
               lag(change.state #>> '{properties,memberStatus}') OVER history AS from_status,
               lag(change.state #>> '{properties,memberCause}') OVER history AS from_cause,
               change.state #>> '{properties,memberStatus}' AS to_status,
               change.state #>> '{properties,memberCause}' AS cause,
               change.state #>> '{properties,memberReason}' AS reason,
               change.state #>> '{properties,memberChangedBy}' AS changed_by
          FROM graph.changes AS change
         WHERE change.type = 'aws_account'
        WINDOW history AS (PARTITION BY change.scope, change.key ORDER BY change.version)) AS step
 WHERE (from_status, from_cause) IS DISTINCT FROM (to_status, cause);
`,
};
