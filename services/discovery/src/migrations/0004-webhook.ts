import type { Migration } from '@orgtrail/database';

export const webhookSchema: Migration = {
  id: 4,
  name: 'webhook',
  sql: `
-- Who posts events has to show one of two secrets; only their SHA-256 is kept.
ALTER TABLE discovery.integrations
  ADD COLUMN webhook_secret_sha256 bytea,
  ADD COLUMN webhook_secret_since timestamptz,
  -- While an overlap lasts, EventBridge connections may still show the former one.
  ADD COLUMN previous_webhook_secret_sha256 bytea,
  ADD COLUMN previous_webhook_secret_until timestamptz;
`,
};
