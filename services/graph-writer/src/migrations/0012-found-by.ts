import type { Migration } from '@orgtrail/database';

export const graphFoundBy: Migration = {
  id: 12,
  name: 'found by',
  sql: `
-- { id, kind, startedAt } of the sync that found the change, where no event explained it. NULL in older rows, and where another reading found it.
ALTER TABLE graph.changes
  ADD COLUMN found_by jsonb,
  -- Of a row that only tells the cause of an earlier one, with the state of that: which version it explains.
  ADD COLUMN explained_version bigint;

CREATE OR REPLACE VIEW graph.history AS
SELECT scope, key, version, subject, type, kind,
       CASE WHEN jsonb_typeof(state -> 'properties') = 'object'
            THEN CASE WHEN graph.may_read_email() THEN state
                      ELSE jsonb_set(state, '{properties}', graph.without_email(state -> 'properties')) END
            ELSE state END AS state,
       graph.cause_for_reader(cause) AS cause, observed_at, at, found_by, explained_version
  FROM graph.changes;

-- All that the graph knows of an account (twelve digits), in every scope, the newest first: one row for each property that changed, and one
-- for each coming and going. Its delegations are part of it. A cause that came late stands in a row of the history of its own, with the same state,
-- and says which version it explains: here it stands where the change does. Where no event explains a change, found_by names the sync that found it.
DROP FUNCTION graph.account_history(text);
CREATE FUNCTION graph.account_history(account text)
RETURNS TABLE (at timestamptz, scope text, kind text, property text, old jsonb, new jsonb, reason text, event text, who text, key text, version bigint,
               found_by text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT change.at, owner.scope, change.kind, difference.property, difference.old, difference.new,
         -- Of the ending that lasts, also where the event that explains it came later and stands in a row of its own.
         CASE WHEN change.kind = 'ENDED' AND change.at >= owner.ended_at THEN owner.ended_reason END,
         change.told ->> 'eventName', change.told ->> 'principalArn', change.key, change.version,
         CASE WHEN change.told IS NULL THEN (change.found_by ->> 'kind') || ' sync ' || (change.found_by ->> 'id') END
    FROM graph.scopes AS known
    JOIN graph.subjects AS owner ON owner.scope = known.scope
                                AND owner.subject IN ('account:' || account_history.account, 'delegation:' || account_history.account)
   CROSS JOIN LATERAL (
           SELECT step.*, lag(step.state) OVER steps AS state_before,
                  step.explained_version = lag(step.version) OVER steps AS is_late_cause,
                  CASE WHEN lead(step.explained_version) OVER steps = step.version THEN lead(step.cause) OVER steps ELSE step.cause END AS told
             FROM graph.history AS step
            WHERE step.scope = owner.scope AND step.key IN (owner.entity_key, owner.subject)
           WINDOW steps AS (PARTITION BY step.key ORDER BY step.version)
         ) AS change
    LEFT JOIN LATERAL (
           SELECT coalesce(before.name, after.name) AS property, before.value AS old, after.value AS new
             FROM jsonb_each(graph.flat_state(change.state_before)) AS before (name, value)
             FULL JOIN jsonb_each(graph.flat_state(change.state)) AS after (name, value) ON before.name = after.name
            WHERE before.value IS DISTINCT FROM after.value
         ) AS difference ON change.kind = 'UPDATED'
   WHERE change.is_late_cause IS NOT TRUE
   ORDER BY change.version DESC, difference.property
$$;
`,
};
