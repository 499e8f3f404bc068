-- Which accounts are suspended, closing or closed, and since when? NULL: it was so already where the history that is kept begins.
SELECT account.account_id, account.name, account.status, since.event, since.who, since.at
  FROM graph.accounts AS account
  LEFT JOIN LATERAL (
         SELECT step.at, step.event, step.who FROM graph.account_history(account.account_id) AS step
          WHERE step.property = 'status' ORDER BY step.version DESC LIMIT 1) AS since ON true
 WHERE account.status <> 'ACTIVE'
 ORDER BY account.account_id;
