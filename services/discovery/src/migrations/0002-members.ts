import type { Migration } from '@orgtrail/database';

export const membersSchema: Migration = {
  id: 2,
  name: 'members',
  sql: `
-- An integration may be created before AWS was asked which organization it is.
ALTER TABLE discovery.integrations
  ALTER COLUMN organization_id DROP NOT NULL,
  ALTER COLUMN partition DROP NOT NULL,
  ALTER COLUMN management_account_id DROP NOT NULL,
  DROP CONSTRAINT integrations_organization_id_key,
  -- As integrations/settings.ts parses it. Missing settings have their defaults.
  ADD COLUMN settings jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN external_id text,
  -- While an overlap lasts, AWS roles may still demand the former one.
  ADD COLUMN previous_external_id text,
  ADD COLUMN previous_external_id_until timestamptz,
  -- Its overlap ended: roles must refuse it.
  ADD COLUMN retired_external_id text,
  ADD COLUMN state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'removed')),
  ADD COLUMN removed_at timestamptz,
  ADD COLUMN is_management_account boolean,
  ADD COLUMN condition_code text NOT NULL DEFAULT 'WAITING',
  ADD COLUMN condition_cause text,
  ADD COLUMN condition_message text NOT NULL DEFAULT 'AWS has not been asked yet.',
  ADD COLUMN condition_since timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Drawn at each change of the settings: whoever watches the organization loads them again.
  ADD COLUMN settings_version bigint NOT NULL DEFAULT nextval('discovery.asks'),
  -- All members are derived again when these differ.
  ADD COLUMN members_ask bigint NOT NULL DEFAULT nextval('discovery.asks'),
  ADD COLUMN members_derived_ask bigint,
  -- For the rate of verifications, over all replicas.
  ADD COLUMN members_claimed_at timestamptz;
CREATE UNIQUE INDEX integrations_organization ON discovery.integrations (organization_id) WHERE state <> 'removed';
CREATE UNIQUE INDEX integrations_name ON discovery.integrations (lower(name)) WHERE state <> 'removed' AND name <> '';

-- The version at which the subject (re)appeared after the first full sync; 0: it was there before anybody watched.
ALTER TABLE discovery.observed_subjects ADD COLUMN appeared_version bigint NOT NULL DEFAULT 0;

-- An id by which AWS ties events together (\`car-…\` of CreateAccount and CreateAccountResult).
ALTER TABLE discovery.events ADD COLUMN correlation text;
CREATE INDEX events_correlation ON discovery.events (integration_id, correlation) WHERE correlation IS NOT NULL;

CREATE TABLE discovery.members (
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  account_id text NOT NULL,
  status text NOT NULL,
  cause text,
  reason text NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  warnings text[] NOT NULL DEFAULT '{}',
  -- The event behind the status: { principalArn, eventName, eventTime }.
  changed_by jsonb,
  role_arn text,
  -- It was skipped when it left the organization: AWS drops tags then, so it returns without.
  skipped_when_it_left boolean NOT NULL DEFAULT false,
  -- 'none', 'verified', or a cause code.
  verification text NOT NULL DEFAULT 'none',
  verified_at timestamptz,
  -- The last success was with the external id whose overlap still lasts.
  used_previous_external_id boolean NOT NULL DEFAULT false,
  negative_checked_at timestamptz,
  -- Refusals in a row since the last success.
  refusals integer NOT NULL DEFAULT 0,
  -- Claims since the last success or asking. Counted before the calls, so that a crash does not repeat them without end.
  attempts integer NOT NULL DEFAULT 0,
  last_error text,
  -- Drawn at each asking, compared by equality: a result counts only if nobody asked again.
  ask bigint NOT NULL DEFAULT nextval('discovery.asks'),
  -- When to verify next; NULL: not to be verified.
  due_at timestamptz,
  PRIMARY KEY (integration_id, account_id)
) WITH (fillfactor = 70);
CREATE INDEX members_due ON discovery.members (integration_id, due_at) WHERE due_at IS NOT NULL;

-- Roles given by hand for single members. Kept when members are switched off and on.
CREATE TABLE discovery.member_roles (
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  account_id text NOT NULL,
  role_arn text NOT NULL,
  PRIMARY KEY (integration_id, account_id)
);

CREATE TABLE discovery.member_transitions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  account_id text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  from_status text,
  -- 'NONE' when members were switched off.
  to_status text NOT NULL,
  cause text,
  reason text NOT NULL,
  changed_by jsonb
);
CREATE INDEX member_transitions_account ON discovery.member_transitions (integration_id, account_id, id);

-- What administrators did.
CREATE TABLE discovery.admin_actions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  who text NOT NULL,
  action text NOT NULL,
  integration_id uuid,
  detail jsonb NOT NULL DEFAULT '{}'
);
`,
};
