import type { Behaviours } from '../behaviours.js';
import type { OrganizationView } from '../model/view.js';
import type { Caller } from '../sts/caller.js';
import { refusalByPolicy } from '../sts/permissions.js';
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
  const refused = refusalByPolicy({ action: `organizations:${name}`, kind: operation.kind, resource: '*' }, caller);
  if (refused !== undefined) throw accessDenied(refused);
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
