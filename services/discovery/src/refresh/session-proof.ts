import type { OrganizationRead } from '@orgtrail/aws';

/** Rejects where the credentials read another organization by now: there nothing that is ours exists, and that says nothing about it. */
export type SessionProof = () => Promise<void>;

/**
 * Asks AWS whose credentials these are, once for all who ask within `validMs`. That is to be less than lies between two looks at what was
 * not found: then of the two not-founds that end something one at least was proven after the first.
 */
export function createSessionProof(options: {
  organizationId: string;
  describeOrganization(): Promise<OrganizationRead>;
  validMs: number;
  /** Milliseconds, monotonic. */
  now(): number;
}): SessionProof {
  let latest: { askedAt: number; proof: Promise<void> } | undefined;
  const prove = async (): Promise<void> => refuseForeign(await options.describeOrganization(), options.organizationId);
  return async () => {
    const now = options.now();
    if (latest && now - latest.askedAt < options.validMs) return latest.proof;
    const asked = { askedAt: now, proof: prove() };
    latest = asked;
    try {
      await asked.proof;
    } catch (error) {
      if (latest === asked) latest = undefined;
      throw error;
    }
  };
}

/** Throws where these credentials read something else than what is configured. */
export function refuseForeign(read: Pick<OrganizationRead, 'id'>, organizationId: string): void {
  if (read.id !== organizationId) {
    throw new Error(
      `These credentials read organization ${read.id}, but the integration is for ${organizationId}. Nothing was changed. Configure the role or the credentials of ${organizationId}.`,
    );
  }
}
