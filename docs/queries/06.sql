-- Which accounts were moved out of an organizational unit, where to, and by whom? Edit: the unit.
SELECT account.account_id, account.name, step.new #>> '{}' AS moved_to, step.event, step.who, step.at
  FROM graph.accounts AS account
 CROSS JOIN LATERAL graph.account_history(account.account_id) AS step
 WHERE step.property = 'parentId' AND step.old #>> '{}' = 'ou-bpv2-2jd99a4e'
 ORDER BY step.at, account.account_id;
