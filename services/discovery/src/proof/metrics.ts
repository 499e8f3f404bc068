import type { Metrics } from '@orgtrail/service-runtime';
import type { Outcome } from '../intake/take-in.js';
import type { Settlement } from '../refresh/sql/settle-requests.js';

/** Discovery's figures. No account id, name or e-mail address is ever a label. */
export interface DiscoveryMetrics {
  eventTakenIn(outcome: Outcome, eventName: string): void;
  refreshed(reason: string, outcome: Settlement['outcome']): void;
  awsCall(operation: string, outcome: string, milliseconds: number): void;
  fullSync(outcome: 'complete' | 'incomplete' | 'failed', seconds: number): void;
  missedChanges(kind: string, count: number): void;
  published(count: number): void;
  memberVerified(outcome: string, cause: string): void;
}

export function createDiscoveryMetrics(meter: Metrics['meter']): DiscoveryMetrics {
  const events = meter.createCounter('orgtrail_events', { description: 'CloudTrail records taken in, by outcome' });
  const refreshes = meter.createCounter('orgtrail_refreshes', {
    description: 'Refresh requests worked on, by reason and outcome',
  });
  const calls = meter.createCounter('orgtrail_aws_calls', { description: 'Calls of AWS APIs, by operation and outcome' });
  const callSeconds = meter.createHistogram('orgtrail_aws_call_seconds', { description: 'Duration of AWS calls', unit: 's' });
  const syncs = meter.createCounter('orgtrail_full_syncs', { description: 'Full syncs, by outcome' });
  const syncSeconds = meter.createHistogram('orgtrail_full_sync_seconds', { description: 'Duration of full syncs', unit: 's' });
  const missed = meter.createCounter('orgtrail_missed_changes', {
    description: 'Changes that a full sync found and no event named within the window, by kind',
  });
  const published = meter.createCounter('orgtrail_observations_published', {
    description: 'Observations acknowledged by the bus',
  });
  const verifications = meter.createCounter('orgtrail_member_verifications', {
    description: "Verifications of members' roles, by outcome and cause",
  });
  return {
    // Event names come from strangers: only names that our registry acted on become labels.
    eventTakenIn: (outcome, eventName) =>
      events.add(1, { outcome, event: ['hints', 'full-sync', 'repeated', 'irrelevant'].includes(outcome) ? eventName : 'other' }),
    refreshed: (reason, outcome) => refreshes.add(1, { reason, outcome }),
    awsCall: (operation, outcome, milliseconds) => {
      calls.add(1, { operation, outcome });
      callSeconds.record(milliseconds / 1000, { operation });
    },
    fullSync: (outcome, seconds) => {
      syncs.add(1, { outcome });
      syncSeconds.record(seconds, { outcome });
    },
    missedChanges: (kind, count) => missed.add(count, { kind }),
    published: (count) => published.add(count),
    memberVerified: (outcome, cause) => verifications.add(1, { outcome, cause }),
  };
}
