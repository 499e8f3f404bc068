-- What did an organizational unit hold at a time? Edit: the unit (`root:` and its id for a root), and the time.
SELECT account.account_id, account.display_name AS name, account.properties ->> 'status' AS status
  FROM graph.inventory AS unit
 CROSS JOIN LATERAL graph.as_of(unit.scope, now()) AS account
 WHERE unit.subject = 'ou:ou-bpv2-i1floif0'
   AND account.type = 'aws_account' AND account.properties ->> 'parentId' = split_part(unit.subject, ':', 2)
 ORDER BY account.account_id;
