/** The ids of what a node hangs below, one by one: an edge names its parent by key, which ends in the id. */
export const parentOf = (entity: string) => `(SELECT edge ->> 'fromKey' FROM jsonb_array_elements(${entity}.relationships) AS edge
          WHERE edge ->> 'toKey' = ${entity}.key AND edge ->> 'type' IN ('aws_organization_root_has_organizational_unit', 'aws_organizational_unit_has_unit')
          ORDER BY edge ->> 'fromKey' LIMIT 1)`;

/** What people ask for with arguments: of a time, of an account, of a unit. */
export const askedFunctions = `
-- True, or an error that says from when on the history is kept.
CREATE FUNCTION graph.history_reaches(scope text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  earliest timestamptz := (SELECT known.history_from FROM graph.scopes AS known WHERE known.scope = history_reaches.scope);
BEGIN
  IF history_reaches.at < earliest THEN
    RAISE EXCEPTION 'The history of % is kept from % on', history_reaches.scope, earliest
      USING ERRCODE = 'OT001', HINT = 'Ask for that time or a later one. Older months were dropped, as HISTORY_MONTHS says.';
  END IF;
  RETURN true;
END $$;

-- The whole graph of a scope as it was at a time. Delegations own no entity: their rows have relationships alone.
-- The last version of each key before that time is found in the index alone, and then its row: OFFSET 0, or Postgres may read the whole history for them.
CREATE FUNCTION graph.as_of(scope text, at timestamptz)
RETURNS TABLE (key text, subject text, type text, classes text[], display_name text, account_id text, properties jsonb,
               relationships jsonb, version bigint, changed_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT change.key, change.subject, change.type, change.classes, change.display_name, change.account_id, change.properties, change.relationships,
         change.version, change.at
    FROM (SELECT candidate.key, max(candidate.version) AS version
            FROM graph.history AS candidate
           WHERE candidate.scope = as_of.scope AND candidate.at <= as_of.at
           GROUP BY candidate.key) AS latest
   CROSS JOIN LATERAL (
           SELECT found.* FROM graph.states AS found
            WHERE found.scope = as_of.scope AND found.key = latest.key AND found.version = latest.version
           OFFSET 0
         ) AS change
   WHERE change.kind <> 'ENDED' AND graph.history_reaches(as_of.scope, as_of.at)
$$;

CREATE OR REPLACE FUNCTION graph.entities_as_of(scope text, at timestamptz)
RETURNS TABLE (key text, subject text, type text, classes text[], display_name text, account_id text, properties jsonb,
               relationships jsonb, version bigint, changed_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT * FROM graph.as_of(entities_as_of.scope, entities_as_of.at) AS found WHERE found.properties IS NOT NULL ORDER BY found.key
$$;

-- One account as it was at a time: no row where it was not there. The account is a key or twelve digits.
CREATE FUNCTION graph.account_as_of(scope text, account text, at timestamptz)
RETURNS TABLE (key text, display_name text, properties jsonb, relationships jsonb, version bigint, changed_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT found.key, found.state ->> 'displayName', found.state -> 'properties', found.state -> 'relationships', found.version, found.at
    FROM (SELECT change.* FROM graph.history AS change
           WHERE change.scope = account_as_of.scope AND change.at <= account_as_of.at
             AND change.key = coalesce((SELECT owner.entity_key FROM graph.subjects AS owner
                                         WHERE owner.scope = account_as_of.scope AND owner.subject = 'account:' || account_as_of.account),
                                       account_as_of.account)
           ORDER BY change.version DESC LIMIT 1) AS found
   WHERE found.state IS NOT NULL AND graph.history_reaches(account_as_of.scope, account_as_of.at)
$$;

-- Where one account hangs, as graph.account_paths says of all, by walking up from it. The account is a key or twelve digits.
CREATE FUNCTION graph.account_path(scope text, account text)
RETURNS TABLE (key text, account_id text, display_name text, ids text[], names text[], path text, complete boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE asked AS (
    SELECT entity.key, entity.account_id, entity.display_name,
           (SELECT edge ->> 'fromKey' FROM jsonb_array_elements(entity.relationships) AS edge
             WHERE edge ->> 'toKey' = entity.key AND edge ->> 'type' IN ('aws_organization_root_has_account', 'aws_organizational_unit_has_account')
             ORDER BY edge ->> 'fromKey' LIMIT 1) AS parent_key
      FROM graph.inventory AS entity
     WHERE entity.scope = account_path.scope AND entity.live AND entity.type = 'aws_account'
       AND entity.key = coalesce((SELECT owner.entity_key FROM graph.subjects AS owner
                                   WHERE owner.scope = account_path.scope AND owner.subject = 'account:' || account_path.account),
                                 account_path.account)
  ), walk AS (
    SELECT asked.parent_key AS node_key, 1 AS height FROM asked WHERE asked.parent_key IS NOT NULL
    UNION ALL
    SELECT ${parentOf('node')}, walk.height + 1
      FROM walk JOIN graph.inventory AS node ON node.scope = account_path.scope AND node.key = walk.node_key AND node.live
     WHERE walk.node_key IS NOT NULL
  ) CYCLE node_key SET in_circle USING passed
  SELECT asked.key, asked.account_id, asked.display_name, found.ids, found.names, array_to_string(found.names, '/'), coalesce(found.complete, false)
    FROM asked
   CROSS JOIN LATERAL (
           SELECT array_agg(coalesce(node.properties ->> 'id', substring(walk.node_key FROM '[^/]*$')) ORDER BY walk.height DESC) AS ids,
                  array_agg(coalesce(node.display_name, substring(walk.node_key FROM '[^/]*$')) ORDER BY walk.height DESC) AS names,
                  bool_or(node.type = 'aws_organization_root') AS complete
             FROM walk LEFT JOIN graph.inventory AS node ON node.scope = account_path.scope AND node.key = walk.node_key AND node.live
            WHERE walk.node_key IS NOT NULL AND NOT walk.in_circle
         ) AS found
$$;

-- What lives below a root or an organizational unit, which is an id or a key: itself (depth 0), units and accounts.
CREATE FUNCTION graph.subtree(scope text, ou text)
RETURNS TABLE (depth integer, type text, id text, name text, status text, parent_id text, key text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE below AS (
    SELECT 0 AS depth, node.type, substring(node.key FROM '[^/]*$') AS id, node.display_name AS name, NULL::text AS status, node.parent_id, node.key
      FROM graph.inventory AS node
     -- That it is no account is the condition of the index entities_type.
     WHERE node.scope = subtree.scope AND node.live AND node.type IN ('aws_organization_root', 'aws_organizational_unit') AND node.type <> 'aws_account'
       AND subtree.ou IN (substring(node.key FROM '[^/]*$'), node.key)
    UNION ALL
    SELECT below.depth + 1, child.type, CASE WHEN child.type = 'aws_account' THEN child.account_id ELSE substring(child.key FROM '[^/]*$') END,
           child.display_name, CASE WHEN child.type = 'aws_account' THEN child.status END, child.parent_id, child.key
      FROM below JOIN graph.inventory AS child ON child.scope = subtree.scope AND child.parent_id = below.id AND child.live
     WHERE below.type <> 'aws_account' AND child.type IN ('aws_organizational_unit', 'aws_account')
  ) CYCLE key SET in_circle USING passed
  SELECT below.depth, below.type, below.id, below.name, below.status, below.parent_id, below.key FROM below WHERE NOT below.in_circle
$$;

-- All that the graph knows of an account (twelve digits), in every scope, the newest first: one row for each property that changed, and one
-- for each coming and going. Its delegations are part of it.
CREATE FUNCTION graph.account_history(account text)
RETURNS TABLE (at timestamptz, scope text, kind text, property text, old jsonb, new jsonb, reason text, event text, who text, key text, version bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT change.at, owner.scope, change.kind, difference.property, difference.old, difference.new,
         -- Of the ending that lasts, also where the event that explains it came later and stands in a row of its own.
         CASE WHEN change.kind = 'ENDED' AND change.at >= owner.ended_at THEN owner.ended_reason END,
         change.cause ->> 'eventName', change.cause ->> 'principalArn', change.key, change.version
    FROM graph.scopes AS known
    JOIN graph.subjects AS owner ON owner.scope = known.scope
                                AND owner.subject IN ('account:' || account_history.account, 'delegation:' || account_history.account)
   CROSS JOIN LATERAL (
           SELECT step.*, lag(step.state) OVER (PARTITION BY step.key ORDER BY step.version) AS state_before
             FROM graph.history AS step
            WHERE step.scope = owner.scope AND step.key IN (owner.entity_key, owner.subject)
         ) AS change
    LEFT JOIN LATERAL (
           SELECT coalesce(before.name, after.name) AS property, before.value AS old, after.value AS new
             FROM jsonb_each(graph.flat_state(change.state_before)) AS before (name, value)
             FULL JOIN jsonb_each(graph.flat_state(change.state)) AS after (name, value) ON before.name = after.name
            WHERE before.value IS DISTINCT FROM after.value
         ) AS difference ON change.kind = 'UPDATED'
   ORDER BY change.version DESC, difference.property
$$;
`;
