import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import type { DescribedOrganization } from '@orgtrail/testkit';

/** A simulator with exactly this organization, ids and times included: a snapshot is made of the description. */
export function simulatorOf(described: DescribedOrganization): Promise<Simulator> {
  const { organization, roots, organizationalUnits, accounts, delegated } = described;
  const root = roots[0];
  if (root === undefined) throw new Error('An organization without its root.');
  const tagged = <T extends { tags: Record<string, string> }>({ tags, ...record }: T) => ({
    ...record,
    tags: { map: Object.entries(tags) },
  });
  const rows = <T>(records: readonly T[], keyOf: (record: T) => string): [string, T][] =>
    records.map((record) => [keyOf(record), record]);
  return startSimulator({
    seed: 1,
    accounts: 1,
    organizationalUnits: 0,
    // What moto calls SUSPENDED is its word for closed.
    snapshot: {
      version: 1,
      restarts: 0,
      identity: {
        partition: 'aws',
        id: organization.id,
        arn: organization.arn,
        rootId: root.id,
        managementAccountId: organization.managementAccountId,
      },
      tables: {
        roots: rows([tagged(root)], ({ id }) => id),
        organizationalUnits: rows(organizationalUnits.map(tagged), ({ id }) => id),
        accounts: rows(
          accounts.map(({ joinedTimestamp, ...account }) => ({ ...tagged(account), joinedAt: joinedTimestamp })),
          ({ id }) => id,
        ),
        delegations: delegated.flatMap(({ accountId, servicePrincipals }) =>
          servicePrincipals.map((servicePrincipal): [string, object] => [
            `${accountId}|${servicePrincipal}`,
            { accountId, servicePrincipal, enabledAt: 0 },
          ]),
        ),
        everTagged: [root, ...organizationalUnits, ...accounts]
          .filter(({ tags }) => Object.keys(tags).length > 0)
          .map(({ id }): [string, true] => [id, true]),
      },
    },
  });
}
