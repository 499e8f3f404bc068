import type { Caller } from './caller.js';

/** What a call asks of the caller's policies. */
export interface Asked {
  /** For example `organizations:ListAccounts`. */
  action: string;
  kind: 'read' | 'write';
  /** An ARN, or `*`. */
  resource: string;
}

/** What AWS says when the caller's role or its session policy does not allow the action; `undefined` when they do. */
export function refusalByPolicy({ action, kind, resource }: Asked, { arn, role, sessionActions }: Caller): string | undefined {
  const roleAllows = role === undefined || (kind === 'read' ? role.canReadOrganization : role.canChangeOrganization);
  if (!roleAllows) return refusal(arn, action, resource, 'no identity-based policy');
  if (sessionActions === undefined || sessionActions.some((pattern) => matches(pattern, action))) return undefined;
  return refusal(arn, action, resource, 'no session policy');
}

/** How AWS says that something lets nobody do this. */
export const refusal = (arn: string, action: string, resource: string, because = 'no identity-based policy'): string =>
  `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} because ${because} allows the ${action} action`;

function matches(pattern: string, action: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i').test(action);
}
