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
  /** Before the account's id, of the statements in the bus's policy that let other accounts forward their events. */
  forwardingStatement: 'OrgtrailForwarding',
  /** Of a queue or rule that `orgtrail integration enable-events` made, so that its undo removes nothing else. */
  tag: { key: 'orgtrail:made-by', value: 'enable-events' },
  /** Key of a second tag, whose value is the integration's id: what another integration has is not ours, whoever made it. */
  integrationTag: 'orgtrail:integration',
  /** What `enable-events` calls what it puts into a rule or a policy, which others may have made: no other way uses these names, so its undo takes out what it put in. */
  enableEvents: {
    target: 'orgtrail-enable-events',
    policyStatement: 'OrgtrailEnableEvents',
    /** Before the account's id. */
    forwardingStatement: 'OrgtrailEnableEventsForwarding',
  },
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
