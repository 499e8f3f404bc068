-- Who changed the tags of an account, from what to what? Edit: the account.
SELECT property, old, new, event, who, at
  FROM graph.account_history('551192043964')
 WHERE property LIKE 'tag.%'
 ORDER BY at, property;
