import type { Account, Handshake, Organization, OrganizationalUnit, Root } from '@aws-sdk/client-organizations';
import type { ResourceTagMapping } from '@aws-sdk/client-resource-groups-tagging-api';
import { AwsError } from './errors.js';
import type {
  AccountRead,
  HandshakeRead,
  OrganizationalUnitRead,
  OrganizationRead,
  PlacementRead,
  RootRead,
  TaggedResourceRead,
} from './reads.js';

/** From the SDK's all-optional shapes to ours. An answer that lacks what identifies a thing is `malformed`. */

export function required(value: string | undefined, member: string, operation: string): string {
  if (value === undefined || value === '') {
    throw new AwsError(`${operation}: the answer lacks ${member}.`, { kind: 'malformed', operation });
  }
  return value;
}

const masks = new Set(['****', 'HIDDEN_DUE_TO_SECURITY_REASONS']);

/** A masked value is no value. */
function unmasked(value: string | undefined): string | undefined {
  return value === undefined || value === '' || masks.has(value) ? undefined : value;
}

const accountId = /^\d{12}$/;

export function accountIdOf(value: string | undefined, operation: string): string {
  const id = required(value, 'Id', operation);
  if (!accountId.test(id))
    throw new AwsError(`${operation}: an account id in the answer is not 12 digits.`, { kind: 'malformed', operation });
  return id;
}

/** `o-…/r-…/ou-…/…/<last>/` to the ids between organization and last. Undefined when it is no legal path of `last`. */
export function placementOfPath(path: string, last: string): PlacementRead | undefined {
  const segments = path.replace(/\/$/, '').split('/');
  const ancestorIds = segments.slice(1, -1);
  const legal =
    segments.length >= 3 &&
    (segments[0] ?? '').startsWith('o-') &&
    segments.at(-1) === last &&
    /^r-[0-9a-z]+$/.test(ancestorIds[0] ?? '') &&
    ancestorIds.slice(1).every((id) => /^ou-[0-9a-z]+-[0-9a-z]+$/.test(id));
  return legal ? { parentId: ancestorIds.at(-1) ?? '', ancestorIds } : undefined;
}

export function readOrganization(organization: Organization, operation: string): OrganizationRead {
  const arn = required(organization.Arn, 'Arn', operation);
  const email = unmasked(organization.MasterAccountEmail);
  return {
    id: required(organization.Id, 'Id', operation),
    arn,
    partition: partitionOf(arn, operation),
    managementAccountId: accountIdOf(organization.MasterAccountId, operation),
    managementAccountArn: organization.MasterAccountArn ?? '',
    ...(email === undefined ? {} : { managementAccountEmail: email }),
    featureSet: organization.FeatureSet ?? '',
  };
}

export function readRoot(root: Root, operation: string): RootRead {
  return {
    id: required(root.Id, 'Id', operation),
    arn: required(root.Arn, 'Arn', operation),
    name: root.Name ?? '',
    policyTypes: Object.fromEntries((root.PolicyTypes ?? []).map(({ Type, Status }) => [Type ?? '', Status ?? ''])),
  };
}

export function readAccount(account: Account, operation: string): AccountRead {
  const id = accountIdOf(account.Id, operation);
  const email = unmasked(account.Email);
  // `Status` was retired on 9 September 2026; older servers know nothing else.
  const state = account.State ?? account.Status;
  const paths = account.Paths ?? [];
  const [placement] = paths.length === 1 ? [placementOfPath(paths[0] ?? '', id)] : [];
  return {
    id,
    arn: required(account.Arn, 'Arn', operation),
    name: required(unmasked(account.Name), 'Name', operation),
    ...(email === undefined ? {} : { email }),
    ...(state === undefined ? {} : { state }),
    ...(account.JoinedMethod === undefined ? {} : { joinedMethod: account.JoinedMethod }),
    ...(account.JoinedTimestamp === undefined ? {} : { joinedAt: account.JoinedTimestamp }),
    ...(placement ? { placement } : {}),
    ...(paths.length > 1 ? { conflictingPaths: [...paths].sort() } : {}),
  };
}

export function readOrganizationalUnit(unit: OrganizationalUnit, operation: string): OrganizationalUnitRead {
  const id = required(unit.Id, 'Id', operation);
  const placement = unit.Path === undefined ? undefined : placementOfPath(unit.Path, id);
  return {
    id,
    arn: required(unit.Arn, 'Arn', operation),
    name: required(unmasked(unit.Name), 'Name', operation),
    ...(placement ? { placement } : {}),
  };
}

export function readHandshake(handshake: Handshake, operation: string): HandshakeRead {
  const party = (type: string) => handshake.Parties?.find((candidate) => candidate.Type === type)?.Id;
  const invitedAccount = party('ACCOUNT');
  const email = unmasked(party('EMAIL'));
  return {
    id: required(handshake.Id, 'Id', operation),
    arn: required(handshake.Arn, 'Arn', operation),
    action: handshake.Action ?? '',
    state: handshake.State ?? '',
    ...(handshake.RequestedTimestamp === undefined ? {} : { requestedAt: handshake.RequestedTimestamp }),
    ...(handshake.ExpirationTimestamp === undefined ? {} : { expiresAt: handshake.ExpirationTimestamp }),
    ...(invitedAccount !== undefined && accountId.test(invitedAccount) ? { accountId: invitedAccount } : {}),
    ...(email === undefined ? {} : { email }),
  };
}

export function readTags(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): Record<string, string> {
  // `fromEntries` defines own properties: a tag whose key is `__proto__` is a tag like others.
  return Object.fromEntries((tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));
}

const organizationsResource = /^arn:[a-z0-9-]+:organizations::\d{12}:(account|ou|root)\/o-[a-z0-9]+\/(?:.*\/)?([^/]+)$/;

/** Nothing where the ARN is not of an account, an OU or a root. */
export function readTaggedResource({ ResourceARN, Tags }: ResourceTagMapping): TaggedResourceRead[] {
  const resourceId = organizationsResource.exec(ResourceARN ?? '')?.[2];
  return resourceId === undefined ? [] : [{ resourceId, tags: readTags(Tags) }];
}

/** The partition of an ARN: `aws`, `aws-us-gov`, `aws-cn`, … */
export function partitionOf(arn: string, operation: string): string {
  return required(arn.split(':')[1], 'a partition in its ARN', operation);
}
