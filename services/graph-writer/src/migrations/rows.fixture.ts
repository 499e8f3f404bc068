/**
 * Rows for the tables that a migration makes, as its version of the writer left them, by the migration's id. `migrations-with-rows` wants
 * some in every table before each later migration: a new table needs an entry here, and so does a new column that the rows before cannot have.
 */
const scope = 'a3bb189e-8bf9-4888-9912-ace4e6543002';
const account = 'arn:aws:iam::444455556666:root';
const gone = 'arn:aws:iam::555566667777:root';
const organization = 'arn:aws:organizations::111122223333:organization/o-exampleorgid';
const root = 'arn:aws:organizations::111122223333:root/o-exampleorgid/r-ab12';
const unit = 'arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111';
const service = 'guardduty.amazonaws.com';

/** An account of an OU, one that left, a delegation, and a subject of which only the ending is known. */
export const rowsByMigration: Readonly<Record<number, string>> = {
  1: `
INSERT INTO graph.scopes (scope, closed, last_applied_at) VALUES ('${scope}', false, '2026-11-20T10:00:00Z'), ('removed', true, NULL);
INSERT INTO graph.subjects (scope, subject, version, live, created_at, ended_at, ended_reason) VALUES
  ('${scope}', 'root:r-ab12', 1790000000000001, true, '2026-11-20T10:00:00Z', NULL, NULL),
  ('${scope}', 'ou:ou-ab12-11111111', 1790000000000002, true, '2026-11-20T10:00:00Z', NULL, NULL),
  ('${scope}', 'account:444455556666', 1790000000000009, true, '2026-11-20T10:00:00Z', NULL, NULL),
  ('${scope}', 'account:555566667777', 1790000000000005, false, '2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z', 'NOT_FOUND'),
  ('${scope}', 'delegation:444455556666', 1790000000000004, true, '2026-11-20T10:00:00Z', NULL, NULL),
  ('${scope}', 'account:666677778888', 1790000000000006, false, NULL, '2026-11-20T10:00:00Z', 'NOT_FOUND');
INSERT INTO graph.entities (scope, key, subject, type, classes, display_name, account_id, properties, version, live, ended_at, ended_reason, cause, created_at, updated_at) VALUES
  ('${scope}', '${root}', 'root:r-ab12', 'aws_organization_root', '{Group}', 'Root', '111122223333', '{"id": "r-ab12", "name": "Root"}',
   1790000000000001, true, NULL, NULL, NULL, '2026-11-20T10:00:00Z', '2026-11-20T10:00:00Z'),
  ('${scope}', '${unit}', 'ou:ou-ab12-11111111', 'aws_organizational_unit', '{Group}', 'Workloads', '111122223333',
   '{"id": "ou-ab12-11111111", "name": "Workloads", "parentId": "r-ab12"}',
   1790000000000002, true, NULL, NULL, NULL, '2026-11-20T10:00:00Z', '2026-11-20T10:00:00Z'),
  ('${scope}', '${account}', 'account:444455556666', 'aws_account', '{Account}', 'payments', '444455556666',
   '{"accountId": "444455556666", "id": "444455556666", "name": "payments", "email": "payments@example.com", "status": "ACTIVE", "active": true,
     "parentId": "ou-ab12-11111111", "pathIds": ["r-ab12", "ou-ab12-11111111"], "tag.CostCenter": "0042"}',
   1790000000000003, true, NULL, NULL, '{"eventId": "e-1", "eventName": "MoveAccount"}', '2026-11-20T10:00:00Z', '2026-11-20T10:30:00Z'),
  ('${scope}', '${gone}', 'account:555566667777', 'aws_account', '{Account}', 'left', '555566667777',
   '{"accountId": "555566667777", "id": "555566667777", "name": "left", "status": "ACTIVE", "parentId": "r-ab12"}',
   1790000000000005, false, '2026-11-20T11:00:00Z', 'NOT_FOUND', NULL, '2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z');
INSERT INTO graph.relationships (scope, key, owner, type, class, from_key, to_key, properties, version, live, ended_at) VALUES
  ('${scope}', '${root}|has|${unit}', 'ou:ou-ab12-11111111', 'aws_organization_root_has_organizational_unit', 'HAS', '${root}', '${unit}', '{}',
   1790000000000002, true, NULL),
  ('${scope}', '${unit}|has|${account}', 'account:444455556666', 'aws_organizational_unit_has_account', 'HAS', '${unit}', '${account}', '{}',
   1790000000000003, true, NULL),
  ('${scope}', '${root}|has|${gone}', 'account:555566667777', 'aws_organization_root_has_account', 'HAS', '${root}', '${gone}', '{}',
   1790000000000005, false, '2026-11-20T11:00:00Z'),
  ('${scope}', '${account}|manages|${organization}|${service}', 'delegation:444455556666', 'aws_account_manages_organization', 'MANAGES',
   '${account}', '${organization}', '{"servicePrincipal": "${service}"}', 1790000000000004, true, NULL);
INSERT INTO graph.changes (scope, key, version, subject, type, kind, state, cause, observed_at, at) VALUES
  ('${scope}', '${account}', 1790000000000001, 'account:444455556666', 'aws_account', 'BASELINE',
   '{"type": "aws_account", "classes": ["Account"], "displayName": "payments", "accountId": "444455556666",
     "properties": {"accountId": "444455556666", "name": "payments", "email": "old@example.com", "parentId": "r-ab12"},
     "relationships": [{"key": "${root}|has|${account}", "type": "aws_organization_root_has_account", "class": "HAS", "fromKey": "${root}",
                        "toKey": "${account}", "properties": {}}]}', NULL, '2026-11-20T10:00:00Z', '2026-11-20T10:00:00Z'),
  ('${scope}', '${account}', 1790000000000003, 'account:444455556666', 'aws_account', 'UPDATED',
   '{"type": "aws_account", "classes": ["Account"], "displayName": "payments", "accountId": "444455556666",
     "properties": {"accountId": "444455556666", "name": "payments", "email": "payments@example.com", "parentId": "ou-ab12-11111111",
                    "memberStatus": "CONNECTED"},
     "relationships": []}', '{"eventId": "e-1", "eventName": "MoveAccount"}', '2026-11-20T10:30:00Z', '2026-11-20T10:30:00Z'),
  ('${scope}', '${gone}', 1790000000000005, 'account:555566667777', 'aws_account', 'ENDED', NULL, NULL, '2026-11-20T11:00:00Z',
   '2026-11-20T11:00:00Z');
INSERT INTO graph.consumer_offsets VALUES ('orgtrail-graph-writer', 'orgtrail.graph-changes.v1', 3, 42, '2026-11-20T11:00:00Z');
INSERT INTO graph.dead_letters (topic, partition, "offset", group_name, code, message, record_key, record_value, headers, failed_at, resolved_at) VALUES
  ('orgtrail.graph-changes.v1', 3, 17, 'orgtrail-graph-writer', 'UNPARSABLE', 'The record has no value.', '${scope}', NULL, '{"ce_id": "1"}',
   '2026-11-20T10:10:00Z', NULL),
  ('orgtrail.observations.v1', 3, 4, 'orgtrail-account-mapper', 'CONTRACT_VIOLATION', 'x', '${scope}', 'abc', '{}', '2026-11-20T10:10:00Z',
   '2026-11-20T10:20:00Z');
`,
  4: `UPDATE graph.scopes SET email_purged_version = 1790000000000002 WHERE scope = '${scope}';`,
  7: `INSERT INTO graph.feed_positions (scope, at, version, key) VALUES ('${scope}', '2026-11-20T10:30:00Z', 1790000000000003, '${account}');`,
  8: `
INSERT INTO graph.admin_actions (who, action, detail) VALUES ('ana', 'discard dead letters', '{"ids": ["1"], "count": 1}');
`,
};

/** What a migration takes away or says anew on purpose, as `relation.column`. Everything else reads the same afterwards. */
export const takenAway: Readonly<Record<number, readonly string[]>> = {
  // A relationship is as new as its owner.
  5: ['relationships.version'],
  // They say the same in fewer words: the view `relationships` reads as before.
  10: ['entities.relationships', 'subjects.relationships', 'inventory.relationships'],
  // Of a scope of which nothing was dropped it says since when it was watched.
  14: ['scopes.history_from'],
};
