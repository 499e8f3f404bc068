import type { Random } from '../random.js';
import type { OrganizationIdentity } from './records.js';

/** Ids as AWS forms them. */
export const idPatterns = {
  account: /^\d{12}$/,
  root: /^r-[0-9a-z]{4,32}$/,
  organizationalUnit: /^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$/,
  parent: /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/,
  child: /^(\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/,
  taggable:
    /^(r-[0-9a-z]{4,32}|\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|p-[a-zA-Z0-9_]{8,128}|rp-[a-zA-Z0-9_]{4,128}|rt-[0-9a-z]{8,32})$/,
  handshake: /^h-[0-9a-z]{8,32}$/,
  accountCreation: /^car-[a-z0-9]{8,32}$/,
} as const;

export function newAccountId(random: Random, isTaken: (id: string) => boolean): string {
  return untilFree(() => random.text(12, '0123456789'), isTaken);
}

export function newOrganizationalUnitId(random: Random, rootId: string, isTaken: (id: string) => boolean): string {
  return untilFree(() => `ou-${rootId.slice(2)}-${random.text(8)}`, isTaken);
}

export function newHandshakeId(random: Random, isTaken: (id: string) => boolean): string {
  return untilFree(() => `h-${random.text(20)}`, isTaken);
}

export function newAccountCreationId(random: Random, isTaken: (id: string) => boolean): string {
  return untilFree(() => `car-${random.text(32)}`, isTaken);
}

function untilFree(draw: () => string, isTaken: (id: string) => boolean): string {
  for (;;) {
    const id = draw();
    if (!isTaken(id)) return id;
  }
}

type Arns = Pick<OrganizationIdentity, 'partition' | 'managementAccountId' | 'id'>;

const organizationsArn = ({ partition, managementAccountId, id }: Arns, kind: string, rest: string): string =>
  `arn:${partition}:organizations::${managementAccountId}:${kind}/${id}${rest}`;

export const organizationArn = (of: Arns): string => organizationsArn(of, 'organization', '');
export const rootArn = (of: Arns, rootId: string): string => organizationsArn(of, 'root', `/${rootId}`);
export const organizationalUnitArn = (of: Arns, unitId: string): string => organizationsArn(of, 'ou', `/${unitId}`);
export const accountArn = (of: Arns, accountId: string): string => organizationsArn(of, 'account', `/${accountId}`);
export const handshakeArn = (of: Arns, handshakeId: string): string =>
  organizationsArn(of, 'handshake', `/invite/${handshakeId}`);
