/** What people may read. Everything here withholds e-mail addresses from whoever may not read the tables. */
const readable = [
  'scopes',
  'inventory',
  'history',
  'states',
  'relationships',
  'accounts',
  'organizational_units',
  'account_paths',
  'delegated_administrators',
  'invitations',
  'members',
  'member_transitions',
  'change_differences',
];
const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');

/**
 * Two roles: `orgtrail_reader` and, for e-mail addresses too, `orgtrail_reader_pii`. Roles belong to the whole cluster: another database may have made
 * them at the same moment, and the migrating user may not be allowed to.
 */
export const readerRoles = `
-- True when the role is there, false where this user may not make it.
CREATE FUNCTION graph.make_reader_role(name text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF to_regrole(quote_ident(name)) IS NULL THEN
    EXECUTE format('CREATE ROLE %I NOLOGIN', name);
  END IF;
  RETURN true;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN RETURN true;
  WHEN insufficient_privilege THEN
    RAISE WARNING 'Role % is missing, and % may not create it: have an administrator run docs/reader-roles.sql', name, current_user;
    RETURN false;
END $$;

-- Grants the roles what they may read, where they exist. Repeated at every start of the writer; what is granted already is left alone.
-- Returns the roles that are missing.
CREATE FUNCTION graph.grant_readers(reader text DEFAULT 'orgtrail_reader', reader_pii text DEFAULT 'orgtrail_reader_pii')
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  role text;
  relation text;
  missing text[] := '{}';
BEGIN
  -- Two that grant on one row of a catalogue at once would fail.
  PERFORM pg_advisory_xact_lock(hashtextextended('orgtrail.graph.readers', 0));
  FOREACH role IN ARRAY ARRAY[reader, reader_pii] LOOP
    IF to_regrole(quote_ident(role)) IS NULL THEN
      missing := missing || role;
      CONTINUE;
    END IF;
    IF NOT has_schema_privilege(role, 'graph', 'USAGE') THEN
      EXECUTE format('GRANT USAGE ON SCHEMA graph TO %I', role);
    END IF;
    FOREACH relation IN ARRAY ARRAY[${list(readable)}] || CASE WHEN role = reader_pii THEN ARRAY['entities', 'changes'] ELSE '{}' END LOOP
      IF NOT has_table_privilege(role, format('graph.%I', relation), 'SELECT') THEN
        EXECUTE format('GRANT SELECT ON graph.%I TO %I', relation, role);
      END IF;
    END LOOP;
    IF NOT has_column_privilege(role, 'graph.subjects', 'entity_key', 'SELECT') THEN
      EXECUTE format('GRANT SELECT (scope, subject, version, live, created_at, ended_at, ended_reason, entity_key) ON graph.subjects TO %I', role);
    END IF;
  END LOOP;
  RETURN missing;
END $$;

SELECT graph.make_reader_role('orgtrail_reader'), graph.make_reader_role('orgtrail_reader_pii');
SELECT graph.grant_readers();
`;
