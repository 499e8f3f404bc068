import { mergeActions } from './declared-actions.js';
import { eventPathReadActions } from './event-path-reader.js';
import { eventPathWriteActions } from './event-path-write-calls.js';
import { eventPathStateActions } from './read-event-path-state.js';
import { organizationReadActions } from './organization-reader.js';
import { queueReadActions } from './queue-reader.js';
import { roleVerificationActions } from './role-verifier.js';

/** What the role in the management account may do. */
export const managementRoleActions = mergeActions(organizationReadActions, queueReadActions, eventPathReadActions);

/** What the role in each member account may do. */
export const memberRoleActions = mergeActions(roleVerificationActions);

/** What whoever runs `orgtrail integration enable-events` needs. The product's own role never may. */
export const eventPathOperatorActions = mergeActions(eventPathStateActions, eventPathWriteActions);

export type ManagementRoleAction = (typeof managementRoleActions)[number]['action'];
