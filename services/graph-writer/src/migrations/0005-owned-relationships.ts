import type { Migration } from '@orgtrail/database';

/** Types of the edges that make the tree of an organization. */
const treeEdges = `'aws_organization_root_has_organizational_unit', 'aws_organizational_unit_has_unit',
                   'aws_organization_root_has_account', 'aws_organizational_unit_has_account'`;

/** The parents that an entity's own relationships name; no row where it has none. */
const parentsOf = (entity: string): string => `LATERAL (
         SELECT edge."fromKey" AS key
           FROM jsonb_to_recordset(${entity}.relationships) AS edge (type text, "fromKey" text, "toKey" text)
          WHERE edge."toKey" = ${entity}.key AND edge.type IN (${treeEdges}))`;

export const graphOwnedRelationships: Migration = {
  id: 5,
  name: 'owned relationships',
  // The version before writes to the table that becomes a view.
  breaking: true,
  sql: `
-- A subject's relationships stand with what it owns: replaced as a whole, alive exactly while it is (invariant 9), and never rows of their own to
-- be found, compared, moved and indexed one by one. Sorted by key.
ALTER TABLE graph.entities
  ADD COLUMN relationships jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(relationships) = 'array');
ALTER TABLE graph.subjects
  -- Of a subject that owns no entity; NULL where the entity has them.
  ADD COLUMN relationships jsonb CHECK (jsonb_typeof(relationships) = 'array'),
  -- Key of the entity that the subject owns, or owned last.
  ADD COLUMN entity_key text,
  -- Of the content as it was read last: a record with the same one changes nothing. NULL: the rows have to be compared.
  ADD COLUMN content_hash text COLLATE "C";
-- A sync confirms every row of a page in one transaction: each needs room for its next version beside it, or the version moves through the indexes.
ALTER TABLE graph.subjects SET (fillfactor = 50);
UPDATE graph.subjects AS subject SET entity_key = owned.key
  FROM (SELECT DISTINCT ON (scope, subject) scope, subject, key FROM graph.entities ORDER BY scope, subject, live DESC, version DESC) AS owned
 WHERE subject.scope = owned.scope AND subject.subject = owned.subject;
WITH owned AS MATERIALIZED (
  SELECT scope, owner,
         jsonb_agg(jsonb_build_object('key', key, 'type', type, 'class', class, 'fromKey', from_key, 'toKey', to_key, 'properties', properties)
                   ORDER BY key COLLATE "C") AS relationships
    FROM graph.relationships GROUP BY scope, owner
), with_entity AS (
  UPDATE graph.entities AS entity SET relationships = owned.relationships
    FROM owned JOIN graph.subjects AS subject ON subject.scope = owned.scope AND subject.subject = owned.owner
   WHERE entity.scope = owned.scope AND entity.key = subject.entity_key AND entity.subject = owned.owner
)
UPDATE graph.subjects AS subject SET relationships = coalesce((SELECT relationships FROM owned WHERE owned.scope = subject.scope
                                                                                              AND owned.owner = subject.subject), '[]')
 WHERE entity_key IS NULL AND created_at IS NOT NULL;

DROP VIEW graph.account_paths;
DROP TABLE graph.relationships;
DROP INDEX graph.entities_subject;
-- Most rows are accounts: an index finds none of them faster, and an account is found by its key.
DROP INDEX graph.entities_account_id;
DROP INDEX graph.entities_type;
CREATE INDEX entities_type ON graph.entities (scope, type) WHERE live AND type <> 'aws_account';

CREATE VIEW graph.relationships AS
SELECT owner.scope, edge.key, owner.subject AS owner, edge.type, edge.class, edge."fromKey" AS from_key, edge."toKey" AS to_key,
       edge.properties, owner.live, owner.ended_at
  FROM (SELECT scope, subject, relationships, live, ended_at FROM graph.entities
         UNION ALL
        SELECT scope, subject, relationships, live, ended_at FROM graph.subjects WHERE relationships IS NOT NULL) AS owner
 CROSS JOIN LATERAL jsonb_to_recordset(owner.relationships)
         AS edge (key text, type text, class text, "fromKey" text, "toKey" text, properties jsonb);

-- Whoever alters rows by hand has them compared, and healed, with the next record: its content is not known any more. The writer says that it is none.
CREATE FUNCTION graph.forget_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE graph.subjects SET content_hash = NULL WHERE scope = OLD.scope AND subject = OLD.subject;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_content AFTER UPDATE OR DELETE ON graph.entities
  FOR EACH ROW WHEN (current_setting('orgtrail.writes', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION graph.forget_content();
CREATE TRIGGER forget_content AFTER UPDATE ON graph.subjects
  FOR EACH ROW WHEN (current_setting('orgtrail.writes', true) IS DISTINCT FROM 'on' AND NEW.content_hash IS NOT NULL)
  EXECUTE FUNCTION graph.forget_content();

-- Where each live account hangs, from the root to its parent. A parent that is not known (yet) stands there with its id, and
-- complete is false; an account without a parent edge has NULL.
CREATE VIEW graph.account_paths AS
WITH RECURSIVE nodes AS (
  SELECT node.scope, node.key, node.type, node.display_name AS name,
         coalesce(node.properties ->> 'id', substring(node.key FROM '[^/]*$')) AS id, parent.key AS parent_key
    FROM graph.entities AS node
    LEFT JOIN ${parentsOf('node')} AS parent ON true
   WHERE node.live AND node.type IN ('aws_organization_root', 'aws_organizational_unit')
), paths AS (
  SELECT node.scope, node.key, node.type = 'aws_organization_root' AS complete,
         array_remove(ARRAY[substring(node.parent_key FROM '[^/]*$'), node.name], NULL) AS names,
         array_remove(ARRAY[substring(node.parent_key FROM '[^/]*$'), node.id], NULL) AS ids
    FROM nodes AS node
   WHERE NOT EXISTS (SELECT FROM nodes AS parent WHERE parent.scope = node.scope AND parent.key = node.parent_key)
  UNION ALL
  SELECT child.scope, child.key, paths.complete, paths.names || child.name, paths.ids || child.id
    FROM paths
    JOIN nodes AS child ON child.scope = paths.scope AND child.parent_key = paths.key
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
  LEFT JOIN ${parentsOf('account')} AS parent ON true
  LEFT JOIN paths ON paths.scope = account.scope AND paths.key = parent.key AND NOT paths.in_circle
 CROSS JOIN LATERAL (
         SELECT CASE WHEN parent.key IS NOT NULL THEN ARRAY[substring(parent.key FROM '[^/]*$')] END AS ids
       ) AS unknown_parent
 WHERE account.live AND account.type = 'aws_account';

-- Times grow with the rows: a summary of each range of pages finds a time as well, and costs a writer next to nothing.
DROP INDEX graph.changes_at;
CREATE INDEX changes_at ON graph.changes USING brin (at);

-- Said by a statement that would write what another live subject owns: the record is poison.
CREATE FUNCTION graph.refuse_foreign_rows() RETURNS json LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Another live subject owns the entity' USING ERRCODE = '23G01';
END $$;

-- Runs a statement on the staged rows from first to last, in order. Where Postgres refuses a row for its content (classes 22 and 23), the range is halved until
-- that one stands alone: it is named, with the SQLSTATE, and the statement goes on behind it. Every other error is raised. About log2(n) + 2 attempts for each
-- refused row among n.
CREATE FUNCTION graph.isolate_refused(statement text, first integer, last integer, at timestamptz, wants_details boolean)
RETURNS TABLE (applied json, refused integer, code text, refused_table text, refused_column text, refused_constraint text)
LANGUAGE plpgsql AS $$
DECLARE
  -- What is tried next. Everything before it is done.
  from_row integer := first;
  to_row integer := last;
  -- From from_row to here one is refused, NULL while none is known to be.
  bound integer;
BEGIN
  WHILE from_row <= last LOOP
    refused := NULL; code := NULL; refused_table := NULL; refused_column := NULL; refused_constraint := NULL;
    BEGIN
      EXECUTE statement INTO applied USING from_row, to_row, at, wants_details;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
      GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, refused_table = TABLE_NAME, refused_column = COLUMN_NAME,
                              refused_constraint = CONSTRAINT_NAME;
      applied := NULL;
    END;
    IF code IS NOT NULL AND from_row < to_row THEN
      bound := to_row;
    ELSE
      refused := CASE WHEN code IS NOT NULL THEN from_row END;
      RETURN NEXT;
      from_row := to_row + 1;
      -- A row may be refused for one before it that is gone by now: then the bound is passed, and none is.
      IF code IS NOT NULL OR from_row > bound THEN bound := NULL; END IF;
    END IF;
    to_row := CASE WHEN bound IS NULL THEN last ELSE (from_row + bound) / 2 END;
  END LOOP;
END $$;
`,
};
