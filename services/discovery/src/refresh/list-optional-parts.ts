import { AwsError, type OrganizationReader } from '@orgtrail/aws';
import type { SubjectReads } from '../observed/record-reads.js';
import type { ListedSubjects } from './listed-subjects.js';
import { optional } from './optional-read.js';
import type { ReadProblem } from './sync-findings.js';

interface OptionalPart {
  listed: ListedSubjects;
  add(subjects: readonly SubjectReads[]): Promise<void>;
  problems: ReadProblem[];
}

export interface DelegationListing {
  /** Administrators whose services could not be read: they are administrators all the same. */
  servicesUnread: string[];
}

/** Delegated administrators with their services: who is none any more when his services are asked for has none. Resolves to undefined where their list was not read. */
export async function listDelegations(
  reader: OrganizationReader,
  { listed, add, problems }: OptionalPart,
): Promise<DelegationListing | undefined> {
  const administrators = await optional('organizations:ListDelegatedAdministrators', problems, () =>
    reader.listDelegatedAdministrators(),
  );
  if (administrators === undefined) return undefined;
  const servicesUnread: string[] = [];
  await Promise.all(
    administrators.map(async ({ accountId }) => {
      const services = await optional('organizations:ListDelegatedServicesForAccount', problems, () =>
        reader.listDelegatedServices(accountId).catch(noneWhereNotFound),
      );
      if (services === undefined) servicesUnread.push(accountId);
      else if (services !== 'no-administrator') await add([listed.delegation(accountId, services)]);
    }),
  );
  return { servicesUnread };
}

function noneWhereNotFound(error: unknown): 'no-administrator' {
  if (error instanceof AwsError && error.kind === 'not-found') return 'no-administrator';
  throw error;
}

/** Resolves to whether their list was read. */
export async function listInvitations(reader: OrganizationReader, { listed, add, problems }: OptionalPart): Promise<boolean> {
  const handshakes = await optional('organizations:ListHandshakesForOrganization', problems, () => reader.listHandshakes());
  await add((handshakes ?? []).map((handshake) => listed.invitation(handshake)));
  return handshakes !== undefined;
}
