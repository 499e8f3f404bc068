import type { Migration } from '@orgtrail/database';

export const graphBoundFunctions: Migration = {
  id: 13,
  name: 'bound functions',
  sql: `
-- The functions that stand between a reader and what he may not see have bodies that were read when they were made. What is read where it is called means what
-- the caller says it means: a type of his own named text, or a function of his own in a schema of his search path, saw the addresses.
CREATE OR REPLACE FUNCTION graph.may_read_email() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN has_table_privilege(current_user, 'graph.entities', 'SELECT');

CREATE OR REPLACE FUNCTION graph.withheld(value text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN position('@' IN value) > 0 AND NOT graph.may_read_email()
            THEN regexp_replace(value, '[^/:[:space:]"]*@[^/:[:space:]"]*', 'withheld', 'g') ELSE value END;

CREATE OR REPLACE FUNCTION graph.without_principals(properties jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN properties
    || CASE WHEN properties ? 'memberChangedBy'
            THEN jsonb_build_object('memberChangedBy', graph.withheld(properties ->> 'memberChangedBy')) ELSE '{}' END
    || CASE WHEN properties ? 'memberReason'
            THEN jsonb_build_object('memberReason', graph.withheld(properties ->> 'memberReason')) ELSE '{}' END
    || CASE WHEN jsonb_typeof(properties -> 'memberWarnings') = 'array'
            THEN jsonb_build_object('memberWarnings', (SELECT coalesce(jsonb_agg(graph.withheld(warning)), '[]')
                                                         FROM jsonb_array_elements_text(properties -> 'memberWarnings') AS warning))
            ELSE '{}' END;

-- Without a subquery, so that Postgres makes it part of the statement: a call for each of 50,000 rows would take seconds.
CREATE OR REPLACE FUNCTION graph.without_email(properties jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(properties) <> 'object' OR graph.may_read_email() THEN properties
            WHEN properties ?| '{memberChangedBy,memberReason,memberWarnings}'
            THEN graph.without_principals(properties - '{email,managementAccountEmail}'::text[])
            ELSE properties - '{email,managementAccountEmail}'::text[] END;

CREATE OR REPLACE FUNCTION graph.cause_for_reader(cause jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(cause -> 'principalArn') = 'string'
            THEN jsonb_set(cause, '{principalArn}', to_jsonb(graph.withheld(cause ->> 'principalArn'))) ELSE cause END;

CREATE OR REPLACE FUNCTION graph.relationship_key(relationship jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(relationship ->> 'key',
                (relationship ->> 'fromKey') || '|' || lower((relationship ->> 'class') COLLATE "C") || '|' || (relationship ->> 'toKey'));

CREATE OR REPLACE FUNCTION graph.flat_state(state jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(state -> 'properties', '{}') - 'emailWithheld'
    || jsonb_strip_nulls(jsonb_build_object('displayName', state -> 'displayName', 'accountId', state -> 'accountId'))
    || coalesce((SELECT jsonb_object_agg('relationship ' || graph.relationship_key(relationship), coalesce(relationship -> 'properties', '{}'))
                   FROM jsonb_array_elements(state -> 'relationships') AS relationship), '{}');

-- Emptied by hand, everything has to be compared, and healed, with the next record.
CREATE FUNCTION graph.forget_all_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE graph.subjects SET content_hash = NULL WHERE content_hash IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_all_content AFTER TRUNCATE ON graph.entities FOR EACH STATEMENT EXECUTE FUNCTION graph.forget_all_content();

-- Whether nothing of the time at which the position stands is behind it. Of the positions that stand here it is not known: each is looked at once.
ALTER TABLE graph.feed_positions ADD COLUMN is_whole boolean NOT NULL DEFAULT false;

-- As before, and also for what is too long for an index or too deep for the stack (class 54).
CREATE OR REPLACE FUNCTION graph.isolate_refused(statement text, first integer, last integer, at timestamptz, wants_details boolean)
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
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded THEN
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
