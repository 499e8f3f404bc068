-- Which active accounts lack a tag that each should have? Edit: its key. Where tags were never read (NULL) nobody knows.
SELECT account.account_id, account.name, path.path
  FROM graph.accounts AS account
  JOIN graph.account_paths AS path USING (scope, key)
 WHERE account.active AND NOT account.tags ? 'CostCenter'
 ORDER BY account.account_id;
