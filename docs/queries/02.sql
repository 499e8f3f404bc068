-- Who joined in the last 30 days, how, and by whom? Accounts that were there when Orgtrail began are none.
SELECT account.account_id, account.display_name AS name, account.properties ->> 'joinedMethod' AS joined, step.event, step.who, step.at
  FROM graph.inventory AS account
 CROSS JOIN LATERAL graph.account_history(account.account_id) AS step
 WHERE account.type = 'aws_account' AND (step.scope, step.key) = (account.scope, account.key)
   AND step.kind IN ('CREATED', 'RETURNED') AND step.at > now() - interval '30 days'
 ORDER BY step.at, account.account_id;
