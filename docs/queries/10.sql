-- What did an organizational unit hold at a time? Edit: the unit, and the time.
SELECT account.account_id, account.display_name AS name, account.properties ->> 'status' AS status
  FROM graph.scopes AS organization
 CROSS JOIN LATERAL graph.as_of(organization.scope, now()) AS account
 WHERE account.type = 'aws_account' AND account.properties ->> 'parentId' = 'ou-bpv2-i1floif0'
 ORDER BY account.account_id;
