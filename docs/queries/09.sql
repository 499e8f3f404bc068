-- Which accounts departed, how, and by whom? What is gone keeps its row, with the last that was known of it; those of removed integrations are none.
SELECT account_id, display_name AS name, ended_reason, cause ->> 'eventName' AS event, cause ->> 'principalArn' AS who, ended_at
  FROM graph.inventory
 WHERE type = 'aws_account' AND NOT live AND ended_reason <> 'INTEGRATION_REMOVED'
 ORDER BY account_id;
