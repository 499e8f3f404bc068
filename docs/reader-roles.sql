-- The roles of those who read schema graph, for a database whose writer may not create roles. Run it in the database of Orgtrail, after the writer's first
-- start, as a user that may create roles; the grants are given by the owner of the schema, so be a member of that role or a superuser. It can be run again.
--   psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f docs/reader-roles.sql
DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['orgtrail_reader', 'orgtrail_reader_pii'] LOOP
    IF to_regrole(role) IS NULL THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role);
    END IF;
  END LOOP;
END $$;

-- The writer does the same at each start.
SELECT graph.grant_readers() AS still_missing;
