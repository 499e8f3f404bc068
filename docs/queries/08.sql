-- Which accounts are delegated administrators, for what, and since when?
SELECT account_id, account_name AS name, service_principal, since
  FROM graph.delegated_administrators
 ORDER BY account_id, service_principal;
