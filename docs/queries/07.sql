-- In which accounts does our role not work, why, and since when?
SELECT account_id, display_name AS name, status, cause, changed_by, since
  FROM graph.members
 WHERE status <> 'CONNECTED'
 ORDER BY account_id;
