import type { Migration } from '@orgtrail/database';

export const graphHistoryBegins: Migration = {
  id: 14,
  name: 'history begins',
  sql: `
-- The first moment of which the history knows everything: when the scope was first written, or what months were dropped before. Earlier nobody watched, and
-- that nothing was there is not known.
UPDATE graph.scopes AS known SET history_from = written.first
  FROM (SELECT scope, min(at) AS first FROM graph.changes GROUP BY scope) AS written
 WHERE known.scope = written.scope AND known.history_from IS NULL;
ALTER TABLE graph.scopes ALTER COLUMN history_from SET DEFAULT clock_timestamp();

-- True, or an error that says from when on the history is kept, or that nothing of it is.
CREATE OR REPLACE FUNCTION graph.history_reaches(scope text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  kept record;
BEGIN
  SELECT known.history_from, known.purge_requested_at INTO kept FROM graph.scopes AS known WHERE known.scope = history_reaches.scope;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The graph knows no scope %', history_reaches.scope
      USING ERRCODE = 'OT003', HINT = 'The scope is the id of the integration: graph.scopes has those that are known.';
  END IF;
  IF kept.purge_requested_at IS NOT NULL THEN
    RAISE EXCEPTION 'The history of % was deleted for good', history_reaches.scope
      USING ERRCODE = 'OT002', HINT = 'Somebody asked for that at ' || kept.purge_requested_at || ': graph.admin_actions says who.';
  END IF;
  IF history_reaches.at < kept.history_from THEN
    RAISE EXCEPTION 'The history of % is kept from % on', history_reaches.scope, kept.history_from
      USING ERRCODE = 'OT001', HINT = 'Ask for that time or a later one. Before it nobody watched, or the months were dropped, as HISTORY_MONTHS says.';
  END IF;
  RETURN true;
END $$;
`,
};
