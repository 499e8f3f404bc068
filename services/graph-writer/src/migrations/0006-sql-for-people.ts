import type { Migration } from '@orgtrail/database';
import { accountColumns } from './0002-views.js';
import { memberProperty, memberSince, stateProperty, text } from './0004-member-columns.js';
import { askedFunctions, parentOf } from './asked-functions.js';
import { readerRoles } from './reader-roles.js';

/** Epoch milliseconds as a time, or NULL for anything else. Nested, because Postgres promises no order within AND. */
const time = (value: string) => `CASE WHEN jsonb_typeof(${value}) = 'number'
            THEN CASE WHEN abs((${value})::numeric) < 1e14 THEN to_timestamp((${value})::numeric / 1000) END END`;

const tags = (properties: string) => `CASE WHEN ${properties} -> 'tagsKnown' = 'false' THEN NULL
            ELSE (SELECT coalesce(jsonb_object_agg(substr(property.name, 5), property.value), '{}')
                    FROM jsonb_each(${properties}) AS property (name, value)
                   WHERE starts_with(property.name, 'tag.')) END`;

export const graphSqlForPeople: Migration = {
  id: 6,
  name: 'sql for people',
  sql: `
-- What stands below a root or an organizational unit. Neither column changes but by a move or an ending: confirmed and renamed rows stay HOT.
CREATE INDEX entities_parent ON graph.entities (scope, parent_id) WHERE live;

-- What was last before a time is found without reading the rows.
ALTER TABLE graph.changes DROP CONSTRAINT changes_scope_key_version_key, ADD CONSTRAINT changes_scope_key_version_key UNIQUE (scope, key, version) INCLUDE (at);

-- The first moment of which the history knows everything; NULL: nothing was ever dropped.
ALTER TABLE graph.scopes ADD COLUMN history_from timestamptz;

-- Views run with the rights of their owner, and say of e-mail addresses what the reader could read himself: whoever may read the table reads them.
CREATE FUNCTION graph.may_read_email() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT has_table_privilege(current_user, 'graph.entities', 'SELECT') $$;

-- A name of a session is often the address of a person (single sign-on): it stands in ARNs of principals.
CREATE FUNCTION graph.withheld(value text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN position('@' IN value) > 0 AND NOT graph.may_read_email()
              THEN regexp_replace(value, '[^/:[:space:]"]*@[^/:[:space:]"]*', 'withheld', 'g') ELSE value END
$$;

CREATE FUNCTION graph.without_principals(properties jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT properties
      || CASE WHEN properties ? 'memberChangedBy'
              THEN jsonb_build_object('memberChangedBy', graph.withheld(properties ->> 'memberChangedBy')) ELSE '{}' END
      || CASE WHEN properties ? 'memberReason'
              THEN jsonb_build_object('memberReason', graph.withheld(properties ->> 'memberReason')) ELSE '{}' END
      || CASE WHEN jsonb_typeof(properties -> 'memberWarnings') = 'array'
              THEN jsonb_build_object('memberWarnings', (SELECT coalesce(jsonb_agg(graph.withheld(warning)), '[]')
                                                           FROM jsonb_array_elements_text(properties -> 'memberWarnings') AS warning))
              ELSE '{}' END
$$;

-- Without a subquery, so that Postgres makes it part of the statement: a call for each of 50,000 rows would take seconds.
CREATE FUNCTION graph.without_email(properties jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(properties) <> 'object' OR graph.may_read_email() THEN properties
              WHEN properties ?| '{memberChangedBy,memberReason,memberWarnings}'
              THEN graph.without_principals(properties - '{email,managementAccountEmail}'::text[])
              ELSE properties - '{email,managementAccountEmail}'::text[] END
$$;

CREATE FUNCTION graph.cause_for_reader(cause jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(cause -> 'principalArn') = 'string'
              THEN jsonb_set(cause, '{principalArn}', to_jsonb(graph.withheld(cause ->> 'principalArn'))) ELSE cause END
$$;

-- The rows of graph.entities, tombstones included, for readers.
CREATE VIEW graph.inventory AS
SELECT scope, key, subject, type, classes, display_name, account_id, graph.without_email(properties) AS properties, status, parent_id,
       version, live, ended_at, ended_reason, graph.cause_for_reader(cause) AS cause, created_at, updated_at, relationships
  FROM graph.entities;

-- The rows of graph.changes for readers.
CREATE VIEW graph.history AS
SELECT scope, key, version, subject, type, kind,
       CASE WHEN jsonb_typeof(state -> 'properties') = 'object'
            THEN CASE WHEN graph.may_read_email() THEN state
                      ELSE jsonb_set(state, '{properties}', graph.without_email(state -> 'properties')) END
            ELSE state END AS state,
       graph.cause_for_reader(cause) AS cause, observed_at, at
  FROM graph.changes;

-- The same with the state taken apart. What a reader may not see is taken out of the properties alone: a state would have to be put together again.
CREATE VIEW graph.states AS
SELECT scope, key, version, subject, type, kind,
       CASE WHEN jsonb_typeof(state -> 'classes') = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(state -> 'classes')) END AS classes,
       state ->> 'displayName' AS display_name, state ->> 'accountId' AS account_id,
       graph.without_email(state -> 'properties') AS properties, state -> 'relationships' AS relationships, at
  FROM graph.changes;

CREATE OR REPLACE VIEW graph.accounts AS
${accountColumns.replace(`entity.properties ->> 'email' AS email`, `CASE WHEN graph.may_read_email() THEN entity.properties ->> 'email' END AS email`)},
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
       graph.withheld(${text(memberProperty('memberReason'))}) AS reason,
       ${memberSince} AS since,
       ${text(memberProperty('memberRoleArn'))} AS role_arn,
       -- Absent means that there are none.
       CASE WHEN NOT entity.properties ? 'memberWarnings' THEN '{}'
            WHEN jsonb_typeof(entity.properties -> 'memberWarnings') = 'array'
            THEN ARRAY(SELECT graph.withheld(warning) FROM jsonb_array_elements_text(entity.properties -> 'memberWarnings') AS warning) END AS warnings,
       graph.withheld(${text(memberProperty('memberChangedBy'))}) AS changed_by,
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
                       graph.withheld(${stateProperty('memberReason')}) AS reason,
                       graph.withheld(${stateProperty('memberChangedBy')}) AS changed_by
                  FROM graph.changes AS change
                 WHERE change.type = 'aws_account') AS step
        WINDOW history AS (PARTITION BY scope, key ORDER BY version)) AS step
 WHERE (from_status, from_cause) IS DISTINCT FROM (to_status, cause);

CREATE OR REPLACE VIEW graph.change_differences AS
SELECT change.scope, change.key, change.subject, change.type, change.version, change.kind, change.at,
       difference.property, difference.old, difference.new
  FROM (SELECT *, lag(state) OVER (PARTITION BY scope, key ORDER BY version) AS state_before FROM graph.history) AS change
 CROSS JOIN LATERAL (
         SELECT coalesce(before.name, after.name) AS property, before.value AS old, after.value AS new
           FROM jsonb_each(graph.flat_state(change.state_before)) AS before (name, value)
           FULL JOIN jsonb_each(graph.flat_state(change.state)) AS after (name, value) ON before.name = after.name
          WHERE before.value IS DISTINCT FROM after.value
       ) AS difference;

-- The live organizational units. A parent that is not known (yet) stands in the path with its id, and complete is false.
CREATE VIEW graph.organizational_units AS
WITH RECURSIVE nodes AS (
  SELECT node.scope, node.key, node.type, coalesce(node.properties ->> 'id', substring(node.key FROM '[^/]*$')) AS id,
         node.display_name AS name, ${parentOf('node')} AS parent_key, node.properties, node.created_at, node.updated_at
    FROM graph.entities AS node
   WHERE node.live AND node.type IN ('aws_organization_root', 'aws_organizational_unit')
), paths AS (
  SELECT node.scope, node.key, node.type = 'aws_organization_root' AS complete,
         array_remove(ARRAY[substring(node.parent_key FROM '[^/]*$'), node.id], NULL) AS ids,
         array_remove(ARRAY[substring(node.parent_key FROM '[^/]*$'), node.name], NULL) AS names
    FROM nodes AS node
   WHERE NOT EXISTS (SELECT FROM nodes AS parent WHERE parent.scope = node.scope AND parent.key = node.parent_key)
  UNION ALL
  SELECT child.scope, child.key, paths.complete, paths.ids || child.id, paths.names || child.name
    FROM paths
    JOIN nodes AS child ON child.scope = paths.scope AND child.parent_key = paths.key
) CYCLE scope, key SET in_circle USING passed
, direct AS MATERIALIZED (
  SELECT scope, parent_id, count(*) AS accounts FROM graph.entities WHERE live AND type = 'aws_account' GROUP BY scope, parent_id
), below AS MATERIALIZED (
  SELECT paths.scope, above.id, sum(direct.accounts)::bigint AS accounts
    FROM paths
    JOIN nodes AS node ON node.scope = paths.scope AND node.key = paths.key
    JOIN direct ON direct.scope = paths.scope AND direct.parent_id = node.id
   CROSS JOIN LATERAL unnest(paths.ids) AS above (id)
   WHERE NOT paths.in_circle
   GROUP BY paths.scope, above.id
)
SELECT unit.scope, unit.key, unit.id, unit.name, substring(unit.parent_key FROM '[^/]*$') AS parent_id, unit.parent_key,
       paths.ids AS path_ids, paths.names AS path_names, array_to_string(paths.names, '/') AS path, coalesce(paths.complete, false) AS complete,
       coalesce(direct.accounts, 0) AS accounts_directly,
       coalesce(below.accounts, direct.accounts, 0) AS accounts_below,
       ${tags('unit.properties')} AS tags,
       unit.created_at, unit.updated_at
  FROM nodes AS unit
  LEFT JOIN paths ON paths.scope = unit.scope AND paths.key = unit.key AND NOT paths.in_circle
  LEFT JOIN direct ON direct.scope = unit.scope AND direct.parent_id = unit.id
  LEFT JOIN below ON below.scope = unit.scope AND below.id = unit.id
 WHERE unit.type = 'aws_organizational_unit';

-- One row per delegated administrator and service.
CREATE VIEW graph.delegated_administrators AS
SELECT owner.scope, split_part(owner.subject, ':', 2) AS account_id, account.display_name AS account_name,
       edge -> 'properties' ->> 'servicePrincipal' AS service_principal,
       ${time(`edge -> 'properties' -> 'delegationEnabledOn'`)} AS since,
       edge ->> 'fromKey' AS account_key
  FROM graph.subjects AS owner
 CROSS JOIN LATERAL jsonb_array_elements(owner.relationships) AS edge
  LEFT JOIN graph.entities AS account ON account.scope = owner.scope AND account.key = edge ->> 'fromKey'
 WHERE owner.live AND owner.relationships IS NOT NULL AND edge ->> 'type' = 'aws_account_manages_organization';

-- Invitations and other handshakes that AWS still lists.
CREATE VIEW graph.invitations AS
SELECT scope, key, ${text(`properties -> 'id'`)} AS id, ${text(`properties -> 'action'`)} AS action, status,
       ${time(`properties -> 'requestedOn'`)} AS requested_at, ${time(`properties -> 'expiresOn'`)} AS expires_at,
       ${text(`properties -> 'invitedAccountId'`)} AS invited_account_id,
       CASE WHEN graph.may_read_email() THEN ${text(`properties -> 'email'`)} END AS email
  FROM graph.entities
 WHERE live AND type = 'aws_organization_handshake';

${askedFunctions}

${readerRoles}
`,
};
