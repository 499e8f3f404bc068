import type { Behaviours } from '../behaviours.js';
import type { OrganizationView } from '../model/view.js';
import type { Caller } from '../sts/caller.js';
import { accessDenied, notInUse } from '../wire/errors.js';
import type { Operation } from './operation.js';

/** Throws what AWS answers to callers that may not do this: first by their own policies, then by their account's place. */
export function authorize(
  name: string,
  operation: Operation,
  caller: Caller,
  view: OrganizationView,
  behaviours: Behaviours,
): void {
  refuseByPolicy(`organizations:${name}`, operation.kind, caller);
  if (operation.callers === 'anyone') return;
  if (caller.role?.describes === 'no-organization') throw notInUse();
  if (!view.accounts.has(caller.accountId)) throw notInUse();
  if (caller.accountId === view.identity.managementAccountId || operation.callers === 'members') return;
  if (view.isDelegatedAdministrator(caller.accountId)) {
    if (operation.kind === 'read') return;
    if (behaviours.delegatedAdministratorsMayTag && (name === 'TagResource' || name === 'UntagResource')) return;
  }
  throw accessDenied();
}

/** What the caller's role and session policy do not allow. */
export function refuseByPolicy(action: string, kind: Operation['kind'], { arn, role, sessionActions }: Caller): void {
  const roleAllows = role === undefined || (kind === 'read' ? role.canReadOrganization : role.canChangeOrganization);
  if (roleAllows && (sessionActions === undefined || sessionActions.some((pattern) => matches(pattern, action)))) return;
  const because = roleAllows ? 'no session policy' : 'no identity-based policy';
  throw accessDenied(
    `User: ${arn} is not authorized to perform: ${action} on resource: * because ${because} allows the ${action} action`,
  );
}

function matches(pattern: string, action: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i').test(action);
}
