import { setTimeout as delay } from 'node:timers/promises';
import type { OrganizationReader } from '@orgtrail/aws';
import { readGraph } from '@orgtrail/graph-writer';
import type pg from 'pg';
import { buildDocument } from '../document/build-document.js';
import { CommandError } from '../exit-error.js';
import { compareWithGraph, type Difference } from './compare.js';
import { readOrganizationForVerification, type VerificationProgress } from './read-organization.js';
import { scopeOfOrganization } from './sql/integrations.js';

export interface Verification {
  organizationId: string;
  compared: { accounts: number; organizationalUnits: number };
  differences: Difference[];
}

/**
 * Compares the organization with its graph. The organization may change while it is read, so what differs is read and compared
 * once more after `settleMs`; only what differs in the same way both times is a difference.
 */
export async function verifyOrganization(options: {
  pool: pg.Pool;
  reader: OrganizationReader;
  tags: boolean;
  settleMs: number;
  onProgress?: (progress: VerificationProgress) => void;
}): Promise<Verification> {
  const { pool, reader } = options;
  const compareOnce = async () => {
    const organization = await readOrganizationForVerification(reader, {
      tags: options.tags,
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    });
    const scope = await scopeOfOrganization(pool, organization.organizationId);
    if (scope === undefined) {
      throw new CommandError(
        `The database holds no graph of ${organization.organizationId}. Run \`orgtrail up\` for it first.`,
        78,
      );
    }
    return { organization, differences: compareWithGraph(organization, buildDocument(await readGraph(pool, scope))) };
  };
  const first = await compareOnce();
  const result = (differences: Difference[]): Verification => ({
    organizationId: first.organization.organizationId,
    compared: { accounts: first.organization.accounts.size, organizationalUnits: first.organization.organizationalUnits.size },
    differences,
  });
  if (first.differences.length === 0) return result([]);
  await delay(options.settleMs);
  const second = await compareOnce();
  const before = new Set(first.differences.map(({ kind, id, what }) => `${kind} ${id} ${what}`));
  return result(second.differences.filter(({ kind, id, what }) => before.has(`${kind} ${id} ${what}`)));
}
