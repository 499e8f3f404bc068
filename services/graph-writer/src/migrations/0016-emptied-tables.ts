import type { Migration } from '@orgtrail/database';

export const graphEmptiedTables: Migration = {
  id: 16,
  name: 'emptied tables',
  sql: `
-- Emptied by hand, everything has to be compared, and healed, with the next record.
CREATE FUNCTION graph.forget_all_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE graph.subjects SET content_hash = NULL WHERE content_hash IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_all_content AFTER TRUNCATE ON graph.entities FOR EACH STATEMENT EXECUTE FUNCTION graph.forget_all_content();
`,
};
