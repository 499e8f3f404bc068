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
`,
};
