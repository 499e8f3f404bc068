import { AwsError, type AccountRead, type OrganizationReader } from '@orgtrail/aws';

/** An account as AWS tells it alone, with the parent under which the walk found it. */
export interface VerifiedAccount extends AccountRead {
  parentId: string;
  tags?: Record<string, string>;
}

export interface VerifiedUnit {
  id: string;
  name: string;
  parentId: string;
  tags?: Record<string, string>;
}

export interface VerifiedOrganization {
  organizationId: string;
  managementAccountId: string;
  rootIds: string[];
  accounts: Map<string, VerifiedAccount>;
  organizationalUnits: Map<string, VerifiedUnit>;
}

export interface VerificationProgress {
  accounts: number;
  organizationalUnits: number;
}

/**
 * Reads the organization by another path than the sync does: ListRoots, ListChildren down the tree, then DescribeAccount,
 * DescribeOrganizationalUnit and ListTagsForResource for each. Slow on purpose, and independent.
 */
export async function readOrganizationForVerification(
  reader: OrganizationReader,
  options: { tags: boolean; onProgress?: (progress: VerificationProgress) => void },
): Promise<VerifiedOrganization> {
  const organization = await reader.describeOrganization();
  const roots = await reader.listRoots();
  const verified: VerifiedOrganization = {
    organizationId: organization.id,
    managementAccountId: organization.managementAccountId,
    rootIds: roots.map(({ id }) => id),
    accounts: new Map(),
    organizationalUnits: new Map(),
  };
  const report = () =>
    options.onProgress?.({ accounts: verified.accounts.size, organizationalUnits: verified.organizationalUnits.size });

  const readAccount = async (id: string, parentId: string) => {
    const account = await existing(() => readAccountAlone(reader, id, parentId, options.tags));
    if (account) verified.accounts.set(id, account);
    report();
  };
  const readUnit = async (id: string, parentId: string) => {
    const unit = await existing(() => readUnitAlone(reader, id, parentId, options.tags));
    if (!unit) return;
    verified.organizationalUnits.set(id, unit);
    report();
    await walk(id);
  };
  const walk = async (parentId: string): Promise<void> => {
    const [accounts, units] = await Promise.all([
      reader.listChildren(parentId, 'ACCOUNT'),
      reader.listChildren(parentId, 'ORGANIZATIONAL_UNIT'),
    ]);
    await Promise.all([...accounts.map((id) => readAccount(id, parentId)), ...units.map((id) => readUnit(id, parentId))]);
  };
  for (const rootId of verified.rootIds) await walk(rootId);
  return verified;
}

/** One account, asked for alone. */
async function readAccountAlone(
  reader: OrganizationReader,
  id: string,
  parentId: string,
  withTags: boolean,
): Promise<VerifiedAccount> {
  const account = await reader.describeAccount(id);
  return { ...account, parentId, ...(withTags ? { tags: await reader.listTags(id) } : {}) };
}

async function readUnitAlone(reader: OrganizationReader, id: string, parentId: string, withTags: boolean): Promise<VerifiedUnit> {
  const { name } = await reader.describeOrganizationalUnit(id);
  return { id, name, parentId, ...(withTags ? { tags: await reader.listTags(id) } : {}) };
}

/** What vanished between the listing and the question is not there. */
async function existing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
