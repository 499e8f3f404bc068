-- Who joined in the last 30 days, how, and by whom? Accounts that were there when Orgtrail began are none.
SELECT change.state ->> 'accountId' AS account_id, change.state ->> 'displayName' AS name, change.state -> 'properties' ->> 'joinedMethod' AS joined,
       change.cause ->> 'eventName' AS event, change.cause ->> 'principalArn' AS who, change.at
  FROM graph.history AS change
 WHERE change.type = 'aws_account' AND change.kind IN ('CREATED', 'RETURNED') AND change.at > now() - interval '30 days'
 ORDER BY change.at;
