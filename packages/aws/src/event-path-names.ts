/**
 * What we call the parts of the way that events take in the customer's account, and what its rule lets through. The templates, the
 * command that makes it and the doctor all mean these.
 */
export const eventPathNames = {
  rule: 'orgtrail-organization-events',
  target: 'orgtrail-events',
  queue: 'orgtrail-events',
  /** Where EventBridge puts what it could not deliver to the queue. */
  undeliveredQueue: 'orgtrail-events-undelivered',
  /** Of the statement in the queue's policy that lets the rule send. */
  policyStatement: 'OrgtrailEvents',
} as const;

/**
 * Every write of Organizations, of Account Management and the lifecycle of Control Tower, by source and not by name: events that AWS adds
 * later come too. No `detail-type`: membership events have been seen under two. Failed calls changed nothing.
 */
export const eventPattern = {
  source: ['aws.organizations', 'aws.account', 'aws.controltower'],
  detail: {
    eventSource: ['organizations.amazonaws.com', 'account.amazonaws.com', 'controltower.amazonaws.com'],
    errorCode: [{ exists: false }],
  },
} as const;
