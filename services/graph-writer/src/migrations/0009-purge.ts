import type { Migration } from '@orgtrail/database';

export const graphPurge: Migration = {
  id: 9,
  name: 'purge',
  sql: `
ALTER TABLE graph.scopes
  -- Set when all that is kept of a closed scope is to be deleted for good.
  ADD COLUMN purge_requested_at timestamptz,
  -- When that was done.
  ADD COLUMN purged_at timestamptz;

-- True, or an error that says from when on the history is kept, or that nothing of it is.
CREATE OR REPLACE FUNCTION graph.history_reaches(scope text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  kept record;
BEGIN
  SELECT known.history_from, known.purge_requested_at INTO kept FROM graph.scopes AS known WHERE known.scope = history_reaches.scope;
  IF kept.purge_requested_at IS NOT NULL THEN
    RAISE EXCEPTION 'The history of % was deleted for good', history_reaches.scope
      USING ERRCODE = 'OT002', HINT = 'Somebody asked for that at ' || kept.purge_requested_at || ': graph.admin_actions says who.';
  END IF;
  IF history_reaches.at < kept.history_from THEN
    RAISE EXCEPTION 'The history of % is kept from % on', history_reaches.scope, kept.history_from
      USING ERRCODE = 'OT001', HINT = 'Ask for that time or a later one. Older months were dropped, as HISTORY_MONTHS says.';
  END IF;
  RETURN true;
END $$;
`,
};
