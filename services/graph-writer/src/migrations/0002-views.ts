import type { Migration } from '@orgtrail/database';

/** Types of the edges that make the tree of an organization. */
const treeEdges = `'aws_organization_root_has_organizational_unit', 'aws_organizational_unit_has_unit',
                   'aws_organization_root_has_account', 'aws_organizational_unit_has_account'`;

/** What `graph.accounts` selects from `graph.entities AS entity`. Later migrations append to it, as Postgres wants it. */
export const accountColumns = `SELECT entity.scope,
       entity.key,
       coalesce(entity.properties ->> 'accountId', entity.account_id) AS account_id,
       coalesce(entity.properties ->> 'id', entity.account_id) AS id,
       CASE WHEN jsonb_typeof(entity.properties -> 'active') = 'boolean' THEN (entity.properties -> 'active')::boolean END AS active,
       coalesce(entity.properties ->> 'arn', entity.key) AS arn,
       entity.properties ->> 'orgAccountArn' AS org_account_arn,
       entity.properties ->> 'name' AS name,
       entity.properties ->> 'orgAccountName' AS org_account_name,
       entity.display_name,
       entity.properties ->> 'email' AS email,
       entity.properties ->> 'joinedMethod' AS joined_method,
       -- Epoch milliseconds.
       CASE WHEN jsonb_typeof(entity.properties -> 'joinedOn') = 'number'
            THEN CASE WHEN abs((entity.properties ->> 'joinedOn')::numeric) < 1e18
                      THEN trunc((entity.properties ->> 'joinedOn')::numeric)::bigint END END AS joined_on,
       entity.status,
       entity.parent_id,
       CASE WHEN jsonb_typeof(entity.properties -> 'pathIds') = 'array'
            THEN ARRAY(SELECT jsonb_array_elements_text(entity.properties -> 'pathIds')) END AS path_ids,
       CASE WHEN jsonb_typeof(entity.properties -> 'master') = 'boolean' THEN (entity.properties -> 'master')::boolean END AS master,
       -- NULL while tags were never read: unread is not empty.
       CASE WHEN entity.properties -> 'tagsKnown' = 'false' THEN NULL
            ELSE (SELECT coalesce(jsonb_object_agg(substr(property.name, 5), property.value), '{}')
                    FROM jsonb_each(entity.properties) AS property (name, value)
                   WHERE starts_with(property.name, 'tag.')) END AS tags`;

export const graphViews: Migration = {
  id: 2,
  name: 'views',
  sql: `
-- The live accounts, with the twelve documented properties as columns. A value of an unexpected type reads as NULL and never fails the view.
CREATE VIEW graph.accounts AS
${accountColumns}
  FROM graph.entities AS entity
 WHERE entity.type = 'aws_account' AND entity.live;

-- Where each live account hangs, from the root to its parent. A parent that is not known (yet) stands there with its id, and
-- complete is false; an account without a parent edge has NULL.
CREATE VIEW graph.account_paths AS
WITH RECURSIVE edges AS (
  SELECT scope, from_key, to_key FROM graph.relationships WHERE live AND type IN (${treeEdges})
), nodes AS (
  SELECT scope, key, type, display_name AS name, coalesce(properties ->> 'id', substring(key FROM '[^/]*$')) AS id
    FROM graph.entities
   WHERE live AND type IN ('aws_organization_root', 'aws_organizational_unit')
), paths AS (
  SELECT node.scope, node.key, node.type = 'aws_organization_root' AS complete,
         array_remove(ARRAY[substring(edge.from_key FROM '[^/]*$'), node.name], NULL) AS names,
         array_remove(ARRAY[substring(edge.from_key FROM '[^/]*$'), node.id], NULL) AS ids
    FROM nodes AS node
    LEFT JOIN edges AS edge ON edge.scope = node.scope AND edge.to_key = node.key
   WHERE NOT EXISTS (SELECT FROM nodes AS parent WHERE parent.scope = edge.scope AND parent.key = edge.from_key)
  UNION ALL
  SELECT child.scope, child.key, paths.complete, paths.names || child.name, paths.ids || child.id
    FROM paths
    JOIN edges AS edge ON edge.scope = paths.scope AND edge.from_key = paths.key
    JOIN nodes AS child ON child.scope = edge.scope AND child.key = edge.to_key
) CYCLE scope, key SET in_circle USING passed
SELECT account.scope,
       account.key,
       account.account_id,
       account.display_name,
       coalesce(paths.ids, unknown_parent.ids) AS ids,
       coalesce(paths.names, unknown_parent.ids) AS names,
       array_to_string(coalesce(paths.names, unknown_parent.ids), '/') AS path,
       coalesce(paths.complete, false) AS complete
  FROM graph.entities AS account
  LEFT JOIN edges AS edge ON edge.scope = account.scope AND edge.to_key = account.key
  LEFT JOIN paths ON paths.scope = edge.scope AND paths.key = edge.from_key AND NOT paths.in_circle
 CROSS JOIN LATERAL (
         SELECT CASE WHEN edge.from_key IS NOT NULL THEN ARRAY[substring(edge.from_key FROM '[^/]*$')] END AS ids
       ) AS unknown_parent
 WHERE account.live AND account.type = 'aws_account';

-- A state as one flat object, to be compared: its properties, and each relationship under its key.
CREATE FUNCTION graph.flat_state(state jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(state -> 'properties', '{}')
      || jsonb_strip_nulls(jsonb_build_object('displayName', state -> 'displayName', 'accountId', state -> 'accountId'))
      || coalesce((SELECT jsonb_object_agg('relationship ' || (relationship ->> 'key'), relationship -> 'properties')
                     FROM jsonb_array_elements(state -> 'relationships') AS relationship), '{}')
$$;

-- What each change changed: one row per property (or relationship) with its old and new value, against the state before.
CREATE VIEW graph.change_differences AS
SELECT change.scope, change.key, change.subject, change.type, change.version, change.kind, change.at,
       difference.property, difference.old, difference.new
  FROM (SELECT *, lag(state) OVER (PARTITION BY scope, key ORDER BY version) AS state_before FROM graph.changes) AS change
 CROSS JOIN LATERAL (
         SELECT coalesce(before.name, after.name) AS property, before.value AS old, after.value AS new
           FROM jsonb_each(graph.flat_state(change.state_before)) AS before (name, value)
           FULL JOIN jsonb_each(graph.flat_state(change.state)) AS after (name, value) ON before.name = after.name
          WHERE before.value IS DISTINCT FROM after.value
       ) AS difference;

-- The entities of a scope as they were at a time, with their relationships, from the history.
CREATE FUNCTION graph.entities_as_of(scope text, at timestamptz)
RETURNS TABLE (key text, subject text, type text, classes text[], display_name text, account_id text, properties jsonb,
               relationships jsonb, version bigint, changed_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT latest.key, latest.subject, latest.type,
         ARRAY(SELECT jsonb_array_elements_text(latest.state -> 'classes')),
         latest.state ->> 'displayName', latest.state ->> 'accountId', latest.state -> 'properties',
         latest.state -> 'relationships', latest.version, latest.at
    FROM (SELECT DISTINCT ON (change.key) change.*
            FROM graph.changes AS change
           WHERE change.scope = entities_as_of.scope AND change.at <= entities_as_of.at
           ORDER BY change.key, change.version DESC) AS latest
   -- Subjects without an entity have a state without properties.
   WHERE latest.state ? 'properties'
   ORDER BY latest.key
$$;
`,
};
