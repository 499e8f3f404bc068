import { decide, type Verdict } from '../iam/permission-policy.js';
import { covers } from '../iam/wildcards.js';
import type { Caller, Role } from './caller.js';

/** What a call asks of the caller's policies. */
export interface Asked {
  /** For example `organizations:ListAccounts`. */
  action: string;
  kind: 'read' | 'write';
  /** An ARN, or `*`. */
  resource: string;
}

/** What AWS says when the caller's role or its session policy does not allow the action; `undefined` when they do. */
export function refusalByPolicy(asked: Asked, { arn, role, sessionActions }: Caller): string | undefined {
  const { action, resource } = asked;
  const verdict = role === undefined ? 'allowed' : verdictOf(role, asked);
  if (verdict === 'not allowed') return refusal(arn, action, resource, 'no identity-based policy');
  if (verdict === 'denied explicitly') {
    return `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} with an explicit deny in an identity-based policy`;
  }
  if (sessionActions === undefined || sessionActions.some((pattern) => covers(pattern, action, { ignoreCase: true })))
    return undefined;
  return refusal(arn, action, resource, 'no session policy');
}

function verdictOf(role: Role, { action, kind, resource }: Asked): Verdict {
  if (role.permissions !== undefined) return decide(role.permissions(), action, resource);
  return (kind === 'read' ? role.canReadOrganization : role.canChangeOrganization) ? 'allowed' : 'not allowed';
}

/** How AWS says that something lets nobody do this. */
export const refusal = (arn: string, action: string, resource: string, because = 'no identity-based policy'): string =>
  `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} because ${because} allows the ${action} action`;
