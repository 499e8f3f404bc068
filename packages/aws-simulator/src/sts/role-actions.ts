import type { Role, Trust } from './caller.js';
import type { Identities } from './identities.js';
import { trustOf, type TrustPolicy } from './trust-policy.js';

/** What a role may do, and how it misbehaves. */
export interface RoleTraits extends Partial<
  Pick<Role, 'canReadOrganization' | 'canChangeOrganization' | 'assumingFails' | 'describes'>
> {
  /**
   * What is put takes effect so much later, as IAM propagates; until then what was there before is in force, or nothing. In every account:
   * also so much after an account joins.
   */
  propagationMs?: number;
}

/** `externalId` undefined: the role demands none. */
type PrincipalAndExternalId = { trustedPrincipal: string; externalId?: string | undefined };

/** In one account by its ARN (its sessions are of `account`, which defaults to the ARN's), or by its name, with its path, in every account. */
type Place = { arn: string; account?: string } | { roleName: string };

/** Roles that may be assumed. What is said of one account's role, its removal included, goes before what is said of every account's. */
export interface RoleActions {
  /**
   * Declares a role. `trustedPrincipal`: an ARN, an account id, an account's root ARN, or `*`. It may read the organization unless
   * `canReadOrganization` is false, and change it only if `canChangeOrganization` is true.
   */
  putRole(role: { arn: string; account?: string } & PrincipalAndExternalId & RoleTraits): void;
  /** At once. One of those in every account stays away there until it is put by its ARN. */
  removeRole(arn: string): void;
  /** A role of this name (with its path) in every account of the organization, those that join later included. */
  putRoleInEveryAccount(role: { roleName: string } & PrincipalAndExternalId & RoleTraits): void;
  /** Makes a role from a trust policy, as a customer would. Throws a `RangeError` for policies that are not simulated. */
  putRoleFromTrustPolicy(role: Place & { policy: TrustPolicy } & RoleTraits): void;
}

export function createRoleActions(identities: Identities, now: () => number): RoleActions {
  const put = (place: Place, trust: readonly Trust[], traits: RoleTraits): void => {
    const { canReadOrganization = true, canChangeOrganization = false, assumingFails, describes, propagationMs = 0 } = traits;
    const role = {
      trust,
      canReadOrganization,
      canChangeOrganization,
      ...(assumingFails ? { assumingFails } : {}),
      ...(describes ? { describes } : {}),
    };
    const at = { now: now(), propagationMs };
    if ('roleName' in place) identities.putRoleEverywhere(place.roleName, role, at);
    else identities.putRole({ arn: place.arn, accountId: place.account ?? place.arn.split(':')[4] ?? '', ...role }, at);
  };
  const trustIn = ({ trustedPrincipal, externalId }: PrincipalAndExternalId): Trust[] => [
    { principals: [trustedPrincipal], externalIds: externalId === undefined ? [] : [externalId] },
  ];
  return {
    putRole: (role) => put(role, trustIn(role), role),
    removeRole: (arn) => identities.removeRole(arn),
    putRoleInEveryAccount: (role) => put(role, trustIn(role), role),
    putRoleFromTrustPolicy: ({ policy, ...role }) => put(role, trustOf(policy), role),
  };
}
