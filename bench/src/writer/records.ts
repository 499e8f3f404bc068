import { create, type JsonObject } from '@bufbuild/protobuf';
import { accountKey, describeRelationship, encodeGraphChange, entities, parentKey } from '@orgtrail/graph-model';
import type { OutgoingRecord } from '@orgtrail/messaging';
import { graph } from '@orgtrail/proto';

export interface LoadShape {
  /** Organizations. Each is one key of the bus, so that one partition orders it. */
  scopes: readonly string[];
  /** Accounts in all scopes together. */
  keys: number;
}

/** What one record says: the state of an account in its `edition`, published at `version`. */
export interface LoadRecord {
  scope: string;
  accountId: string;
  edition: number;
  version: bigint;
}

const managementAccountId = '111122223333';
const organizationId = 'o-exampleorgid';
const units = 100;

/** One record for each key, in the order in which a full sync would publish them: organization by organization, in pages. */
export function* loadOf(
  { scopes, keys }: LoadShape,
  { edition, version }: { edition: number; version: bigint },
): Generator<LoadRecord> {
  const page = 20;
  for (let first = 0; first < keys / scopes.length; first += page) {
    for (const scope of scopes) {
      for (let index = first; index < Math.min(first + page, keys / scopes.length); index += 1) {
        yield { scope, accountId: String(100_000_000_000 + index), edition, version };
      }
    }
  }
}

/** About 430 bytes as JSON: what an account of the demo organization has. */
function propertiesOf({ accountId, edition }: LoadRecord): JsonObject {
  return {
    accountId,
    id: accountId,
    active: true,
    arn: `arn:aws:iam::${accountId}:root`,
    orgAccountArn: `arn:aws:organizations::${managementAccountId}:account/${organizationId}/${accountId}`,
    name: `workload-${accountId}`,
    email: `aws+${accountId}@example.com`,
    joinedMethod: 'CREATED',
    joinedOn: 1_600_000_000_000,
    status: 'ACTIVE',
    parentId: unitOf({ accountId, edition }),
    tagsKnown: true,
    'tag.CostCenter': `CC-${edition}`,
  };
}

/** Every second edition hangs somewhere else: half of the updates move the account, as the dearest changes do. */
function unitOf({ accountId, edition }: Pick<LoadRecord, 'accountId' | 'edition'>): string {
  return `ou-abcd-${String((Number(accountId) + Math.floor(edition / 2)) % units).padStart(8, '0')}`;
}

/** The record as the mapper publishes it: the account, and its relationships to its parent and to the management account. */
export function graphChangeOf(record: LoadRecord): OutgoingRecord {
  const scope = { partition: 'aws', organizationId, managementAccountId };
  const key = accountKey(scope, record.accountId);
  const related = [
    describeRelationship('managementHasMember', { fromKey: accountKey(scope, managementAccountId), toKey: key }),
    describeRelationship('unitHasAccount', { fromKey: parentKey(scope, unitOf(record)), toKey: key }),
  ].sort((left, right) => (left.key < right.key ? -1 : 1));
  const change = create(graph.GraphChangeSchema, {
    integrationId: record.scope,
    subject: `account:${record.accountId}`,
    subjectVersion: record.version,
    baseline: record.edition === 0,
    change: {
      case: 'present',
      value: {
        entity: {
          key,
          type: entities.account.type,
          classes: [...entities.account.classes],
          displayName: `workload-${record.accountId}`,
          accountId: record.accountId,
          properties: propertiesOf(record),
        },
        relationships: related.map((relationship) => ({ ...relationship, properties: {} })),
      },
    },
  });
  return { key: record.scope, value: encodeGraphChange(change) };
}

/** The record as the bare loop reads it. */
export function plainRecordOf(record: LoadRecord): OutgoingRecord {
  return {
    key: record.scope,
    value: Buffer.from(
      JSON.stringify({
        id: `${record.scope}/${record.accountId}`,
        version: record.version.toString(),
        properties: propertiesOf(record),
      }),
    ),
  };
}
