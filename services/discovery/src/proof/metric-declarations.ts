import { publishedRates } from '@orgtrail/aws';
import { defineMetrics, everyCombination } from '@orgtrail/service-runtime';
import { foundKinds } from './found-change-kinds.js';

const integration = 'id of the integration';
const operation = "AWS's name of the operation";

/** Discovery's figures; docs/metrics.md is made of them. No account id, name or e-mail address is ever a label. */
export const discoveryMetrics = defineMetrics({
  events: {
    kind: 'counter',
    name: 'orgtrail_events_total',
    description: 'CloudTrail records taken in',
    labels: {
      outcome:
        '`hints`, `full-sync`, `repeated`, `refused`, or why nothing follows: `unknown-event`, `failed-call`, `read-only`, `irrelevant`',
      event: 'its name, where it is one of docs/events.md; else `other`',
    },
    fromZero: everyCombination({ outcome: ['refused'], event: ['other'] }),
    alert: '`refused` grows: somebody sends what is not of this organization',
  },
  eventDelay: {
    kind: 'histogram',
    name: 'orgtrail_event_delay_seconds',
    description: 'Delay of events, in its three parts',
    labels: {
      part: '`aws` (what happened to the queue; whole seconds), `queue` (the queue to us), `ours` (with us until the observation is acknowledged by the bus)',
    },
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600],
    alert: '95 % of `aws` above 300 s, or of `queue` or `ours` above 30 s',
  },
  webhookAnswers: {
    kind: 'counter',
    name: 'orgtrail_webhook_answers_total',
    description: 'Posts of the webhook that were answered',
    labels: { status: 'of the answer; 202 is a kept event' },
    fromZero: everyCombination({ status: ['202', '401', '404', '405', '413', '415', '422', '503'] }),
    alert: '`401` at all: a secret is wrong; `422` at all: posts are no events of the organization; `503` for more than a minute',
  },
  webhookAnswerSeconds: {
    kind: 'histogram',
    name: 'orgtrail_webhook_answer_seconds',
    description: 'Time to the answer of a post of the webhook',
    labels: { status: 'of the answer; 202 is a kept event' },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5],
  },
  refreshes: {
    kind: 'counter',
    name: 'orgtrail_refreshes_total',
    description: 'Refresh requests worked on',
    labels: { reason: 'why it was asked for', outcome: '`done`, `confirm` or `retry`' },
    alert: '`retry` is most of them: AWS refuses or does not answer',
  },
  requestsDue: {
    kind: 'gauge',
    name: 'orgtrail_refresh_requests_due',
    description: 'Refresh requests that could be read now and were not yet',
    labels: { integration },
    alert: 'it grows for 15 min: more changes than may be read in time',
  },
  awsCalls: {
    kind: 'counter',
    name: 'orgtrail_aws_calls_total',
    description: 'Calls of AWS, each attempt',
    labels: { operation, outcome: '`ok`, `throttled`, `denied`, `not-found` or `failed`' },
    fromZero: everyCombination({ operation: Object.keys(publishedRates), outcome: ['throttled', 'denied'] }),
    alert: '`throttled` above 1 %: other tools take the budget; `denied` at all: a permission is missing',
  },
  awsCallSeconds: {
    kind: 'histogram',
    name: 'orgtrail_aws_call_seconds',
    description: 'Duration of calls of AWS, without the wait for the budget',
    labels: { operation },
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  budgetUsed: {
    kind: 'gauge',
    name: 'orgtrail_aws_budget_used_ratio',
    description: "Calls of the last 60 s over what our share of AWS's published rate allows in them",
    labels: { integration, operation },
    alert: '1 for an hour: the organization is larger or busier than the share allows to read in time',
  },
  syncs: {
    kind: 'counter',
    name: 'orgtrail_syncs_total',
    description: 'Syncs ended',
    labels: { kind: '`full` or `light`', outcome: '`complete`, `incomplete` or `failed`' },
    fromZero: everyCombination({ kind: ['full', 'light'], outcome: ['complete', 'incomplete', 'failed'] }),
    alert: 'anything but `complete` twice in a row',
  },
  syncSeconds: {
    kind: 'histogram',
    name: 'orgtrail_sync_seconds',
    description: 'Duration of syncs',
    labels: { kind: '`full` or `light`', outcome: '`complete` or `incomplete`' },
    buckets: [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
  },
  lastSyncAge: {
    kind: 'gauge',
    name: 'orgtrail_last_sync_age_seconds',
    description: 'Since the last sync of any kind ended; absent before the first',
    unit: 's',
    labels: { integration },
  },
  lastCompleteSyncAge: {
    kind: 'gauge',
    name: 'orgtrail_last_complete_sync_age_seconds',
    description: 'Since the last complete full sync began; absent before the first',
    unit: 's',
    labels: { integration },
    alert: 'above twice the sync interval: nothing proves that no change was missed',
  },
  missedChanges: {
    kind: 'counter',
    name: 'orgtrail_missed_changes_total',
    description: 'Changes that a sync found and no event named within the window, without those that AWS never announces',
    labels: { kind: '`created`, `ended`, or `updated-` and the part' },
    fromZero: everyCombination({ kind: foundKinds }),
  },
  missedLastDay: {
    kind: 'gauge',
    name: 'orgtrail_missed_changes_last_day',
    description: 'The same of the last 24 hours, as the database has them: it survives restarts and the move to another replica',
    labels: { integration },
    alert:
      'above 0: events are lost, or a member changed its own name or e-mail address; `orgtrail integration proof` says which',
  },
  eventsArriving: {
    kind: 'gauge',
    name: 'orgtrail_events_arriving',
    description: 'Whether events arrive: 1 for what is the case, as `orgtrail integration proof` tells it',
    labels: { integration, state: '`arriving`, `quiet`, `lost`, `not-arriving`, `no-way` or `unknown`' },
    alert: '`lost` or `not-arriving` for 15 min',
  },
  tagIndexDrift: {
    kind: 'gauge',
    name: 'orgtrail_tag_index_drift',
    description: "Subjects whose tags in AWS's bulk index differed from those read one by one, in the last sync that compared",
    labels: { integration },
  },
  heldDeletions: {
    kind: 'gauge',
    name: 'orgtrail_held_deletions',
    description: 'Endings of accounts and OUs that wait for an operator',
    labels: { integration },
    alert: 'above 0: `orgtrail held-deletions`; nothing of it ends by itself, and its members are paused',
  },
  ownedIntegrations: {
    kind: 'gauge',
    name: 'orgtrail_owned_integrations',
    description: 'Integrations that this replica watches',
    alert: 'the sum over all replicas below the number of active integrations for 5 min: some are watched by nobody',
  },
  leaseTransitions: {
    kind: 'counter',
    name: 'orgtrail_lease_transitions_total',
    description: 'Integrations that came to this replica or left it',
    labels: { transition: '`claimed`, `released` (given back) or `lost` (another has it, or the database was away)' },
    fromZero: everyCombination({ transition: ['claimed', 'released', 'lost'] }),
    alert: '`lost` grows: the database was away, or the process stood still, for longer than a lease (15 s)',
  },
  observationsPublished: {
    kind: 'counter',
    name: 'orgtrail_observations_published_total',
    description: 'Observations acknowledged by the bus',
  },
  memberVerifications: {
    kind: 'counter',
    name: 'orgtrail_member_verifications_total',
    description: "Verifications of members' roles",
    labels: { outcome: '`verified`, `refused-once`, `failed` or `undecided`', cause: 'of docs/members.md, or empty' },
  },
});
