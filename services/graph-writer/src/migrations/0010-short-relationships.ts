import type { Migration } from '@orgtrail/database';

/** Relationships without what the rest of them tells: their keys where nothing else tells pairs apart, and properties that they do not have. */
const shortened = (relationships: string) => `(
  SELECT coalesce(jsonb_agg(CASE WHEN edge ->> 'class' ~ '^[A-Z_]+$' AND edge ->> 'key' = graph.relationship_key(edge - 'key') THEN edge - 'key' ELSE edge END
                            - CASE WHEN edge -> 'properties' = '{}' THEN 'properties' ELSE '' END ORDER BY place), '[]')
    FROM jsonb_array_elements(${relationships}) WITH ORDINALITY AS element (edge, place))`;

export const graphShortRelationships: Migration = {
  id: 10,
  name: 'short relationships',
  sql: `
-- The key of a relationship as it is kept in graph.entities, graph.subjects and the states of graph.changes: it stands there only where it is not
-- \`<from key>|<class in lower case>|<to key>\`. Rows of the history from before this migration have it everywhere.
CREATE FUNCTION graph.relationship_key(relationship jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(relationship ->> 'key',
                  (relationship ->> 'fromKey') || '|' || lower((relationship ->> 'class') COLLATE "C") || '|' || (relationship ->> 'toKey'))
$$;

CREATE OR REPLACE VIEW graph.relationships AS
SELECT owner.scope, graph.relationship_key(edge) AS key, owner.subject AS owner, edge ->> 'type' AS type, edge ->> 'class' AS class,
       edge ->> 'fromKey' AS from_key, edge ->> 'toKey' AS to_key, coalesce(edge -> 'properties', '{}') AS properties, owner.live, owner.ended_at
  FROM (SELECT scope, subject, relationships, live, ended_at FROM graph.entities
         UNION ALL
        SELECT scope, subject, relationships, live, ended_at FROM graph.subjects WHERE relationships IS NOT NULL) AS owner
 CROSS JOIN LATERAL jsonb_array_elements(owner.relationships) AS edge;

CREATE OR REPLACE FUNCTION graph.flat_state(state jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(state -> 'properties', '{}') - 'emailWithheld'
      || jsonb_strip_nulls(jsonb_build_object('displayName', state -> 'displayName', 'accountId', state -> 'accountId'))
      || coalesce((SELECT jsonb_object_agg('relationship ' || graph.relationship_key(relationship), coalesce(relationship -> 'properties', '{}'))
                     FROM jsonb_array_elements(state -> 'relationships') AS relationship), '{}')
$$;

-- What is compared with the next record has to look like it. The history stays as it is: months of it would be written anew.
SELECT set_config('orgtrail.writes', 'on', true);
UPDATE graph.entities SET relationships = ${shortened('relationships')} WHERE relationships <> '[]';
UPDATE graph.subjects SET relationships = ${shortened('relationships')} WHERE relationships <> '[]';
`,
};
