import type { StoredIntegration } from './integration.js';
import { describeFindings } from '../refresh/sync-findings.js';
import { IntegrationRefused } from './recognise-organization.js';

type Condition = Pick<StoredIntegration['condition'], 'code' | 'cause' | 'message'>;

/** How an integration is that AWS has recognised, or that is paused. Pure. */
export function describeCondition(stored: StoredIntegration): Condition {
  const { state, settings, organizationId, isManagementAccount, heldDeletions = 0, syncFindings, webhook } = stored;
  if (state === 'paused') {
    // Whose events are its own is known only after it was connected once.
    const arePostsKept = webhook !== undefined && organizationId !== undefined;
    return {
      code: 'PAUSED',
      message: `Paused: nothing is read, and the queue is left alone.${arePostsKept ? ' Events that are posted are kept, and what they name is read later.' : ''} Resume it to catch up with a full sync.`,
    };
  }
  const sentences = [
    `Watching organization ${organizationId ?? ''}.`,
    ...(heldDeletions === 0
      ? []
      : [
          `${heldDeletions} ${heldDeletions === 1 ? 'deletion waits' : 'deletions wait'} for an operator: \`orgtrail held-deletions\`.`,
        ]),
    ...(isManagementAccount === false
      ? ["The credentials are a delegated administrator's: events must come from the management account's queue."]
      : []),
    ...(settings.queueUrl === null && !webhook
      ? ['There is neither an event queue nor a webhook secret, so changes are seen by syncs only.']
      : []),
    ...(syncFindings ? describeFindings(syncFindings) : []),
  ];
  return { code: 'CONNECTED', message: sentences.join(' ') };
}

/** Why an integration cannot be watched. */
export function failureOf(error: unknown): Condition {
  if (isTaken(error)) {
    return {
      code: 'FAILED',
      cause: 'ORGANIZATION_ALREADY_INTEGRATED',
      message: 'Another integration reads this organization already. Remove one of the two.',
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'FAILED', cause: error instanceof IntegrationRefused ? error.code : 'AWS', message };
}

/** The organization is read, and the events of its queue are not. */
export function queueFailureOf(error: unknown, { webhook }: Pick<StoredIntegration, 'webhook'>): Condition {
  const message = error instanceof Error ? error.message : String(error);
  const seen = webhook ? 'by posted events and by syncs' : 'by syncs';
  return {
    code: 'FAILED',
    cause: 'QUEUE_UNREADABLE',
    message: `The event queue cannot be read, so changes are seen ${seen} only: ${message}`,
  };
}

/** Violation of the unique index over organizations. */
function isTaken(error: unknown): boolean {
  const { code, constraint } = (error ?? {}) as { code?: unknown; constraint?: unknown };
  return code === '23505' && constraint === 'integrations_organization';
}
