-- Which accounts exist, where, and in which state?
SELECT account.account_id, account.name, account.status, path.path
  FROM graph.accounts AS account
  JOIN graph.account_paths AS path USING (scope, key)
 ORDER BY path.path, account.account_id;
