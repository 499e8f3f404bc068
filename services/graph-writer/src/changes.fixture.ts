import { hash } from 'node:crypto';
import { create, type JsonObject } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { encodeGraphChange, storedRelationship, type Relationship } from '@orgtrail/graph-model';
import type { IncomingRecord } from '@orgtrail/messaging';
import { graph, observation } from '@orgtrail/proto';
import { appliedChange, type AppliedChange } from './applied-change.js';
import type { AppliedBatch } from './applied-batch.js';
import {
  pendingChange,
  type EntityContent,
  type IncomingChange,
  type PendingChange,
  type PresentContent,
  type StoredCause,
  type StoredSync,
} from './change.js';

/** A small organization as graph changes, for the tests. */
export const scope = 'a3bb189e-8bf9-4888-9912-ace4e6543002';
const organizations = 'arn:aws:organizations::111122223333';

export const nodeKey = (id: string): string => `${organizations}:${id.startsWith('r-') ? 'root' : 'ou'}/o-exampleorgid/${id}`;
export const accountKey = (id: string): string => `arn:aws:iam::${id}:root`;

/** A change whose content is not text yet, so that tests can look into it. */
export interface GivenChange extends Omit<IncomingChange, 'content'> {
  content: GivenPresence | { case: 'ended'; reason: string };
}

export interface GivenPresence {
  case: 'present';
  entity: (Omit<EntityContent, 'properties'> & { properties: JsonObject }) | null;
  relationships: Relationship[];
}

/** As it is read from the bus. */
export function incomingChange({ content, ...change }: GivenChange): IncomingChange {
  if (content.case === 'ended') return { ...change, content };
  const { entity, relationships } = content;
  return {
    ...change,
    content: {
      case: 'present',
      entity: entity && { ...entity, properties: JSON.stringify(entity.properties) },
      relationships: JSON.stringify(sortedByKey(relationships).map(storedRelationship)),
    },
  };
}

/** As our mapper writes them. */
const sortedByKey = (relationships: readonly Relationship[]): Relationship[] =>
  relationships.toSorted((left, right) => (left.key < right.key ? -1 : 1));

/** JSON as what it says: the order of keys says nothing. */
export function said({ content, ...change }: IncomingChange): unknown {
  if (content.case === 'ended') return { ...change, content };
  const { entity, relationships }: PresentContent = content;
  return {
    ...change,
    entity: entity && { ...entity, properties: JSON.parse(entity.properties) as unknown },
    relationships: JSON.parse(relationships) as unknown,
  };
}

/** As it waits to be written. */
export const pendingGiven = (change: GivenChange): PendingChange => pendingChange(incomingChange(change));

/** What a batch did, told as to whoever listens. */
export function changesOf({ made, appliedAt }: Pick<AppliedBatch, 'made' | 'appliedAt'>): AppliedChange[] {
  return made.map((row) => appliedChange(row, appliedAt));
}

interface Given {
  scope?: string;
  version: bigint | number;
  cause?: StoredCause;
  foundBy?: StoredSync;
  baseline?: boolean;
  explainedVersion?: bigint | number;
}

function change(subject: string, given: Given, content: GivenChange['content']): GivenChange {
  return {
    scope: given.scope ?? scope,
    subject,
    version: BigInt(given.version),
    observedAt: new Date(1_790_000_000_000),
    cause: given.cause ?? null,
    foundBy: given.foundBy ?? null,
    baseline: given.baseline ?? false,
    explainedVersion: given.explainedVersion === undefined ? null : BigInt(given.explainedVersion),
    content,
  };
}

export function has(fromKey: string, toKey: string, type: string): Relationship {
  return { key: `${fromKey}|has|${toKey}`, type, class: 'HAS', fromKey, toKey, properties: {} };
}

export function accountChange(
  id: string,
  given: Given & { parent?: string; name?: string; properties?: JsonObject },
): GivenChange {
  const key = accountKey(id);
  const name = given.name ?? `account ${id}`;
  const parent = given.parent ?? 'r-ab12';
  const type = parent.startsWith('r-') ? 'aws_organization_root_has_account' : 'aws_organizational_unit_has_account';
  const entity: GivenPresence['entity'] = {
    key,
    type: 'aws_account',
    classes: ['Account'],
    displayName: name,
    accountId: id,
    properties: { accountId: id, id, name, orgAccountName: name, status: 'ACTIVE', parentId: parent, ...given.properties },
  };
  return change(`account:${id}`, given, {
    case: 'present',
    entity,
    relationships: [has(nodeKey(parent), key, type), has(accountKey('111122223333'), key, 'aws_account_has_account')],
  });
}

/** Below a parent whose id no index of Postgres takes (SQLSTATE 54000), although the contract allows it. */
export const refusedByPostgres = {
  properties: {
    parentId: Array.from({ length: 100 }, (_, index) => hash('sha256', String(index), 'base64')).join(''),
  },
};

/** A root, or an OU where a parent is given. */
export function nodeChange(id: string, given: Given & { name: string; parent?: string }): GivenChange {
  const isRoot = id.startsWith('r-');
  const key = nodeKey(id);
  const type = given.parent?.startsWith('r-')
    ? 'aws_organization_root_has_organizational_unit'
    : 'aws_organizational_unit_has_unit';
  return change(`${isRoot ? 'root' : 'ou'}:${id}`, given, {
    case: 'present',
    entity: {
      key,
      type: isRoot ? 'aws_organization_root' : 'aws_organizational_unit',
      classes: ['Group'],
      displayName: given.name,
      accountId: '111122223333',
      properties: { id, name: given.name, ...(given.parent === undefined ? {} : { parentId: given.parent }) },
    },
    relationships: given.parent === undefined ? [] : [has(nodeKey(given.parent), key, type)],
  });
}

export function delegationChange(id: string, given: Given & { services: readonly string[] }): GivenChange {
  const [fromKey, toKey] = [accountKey(id), `${organizations}:organization/o-exampleorgid`];
  return change(`delegation:${id}`, given, {
    case: 'present',
    entity: null,
    relationships: given.services.map((service) => ({
      key: `${fromKey}|manages|${toKey}|${service}`,
      type: 'aws_account_manages_organization',
      class: 'MANAGES',
      fromKey,
      toKey,
      properties: { servicePrincipal: service },
    })),
  });
}

export function endedChange(subject: string, given: Given & { reason?: keyof typeof observation.EndReason }): GivenChange {
  return change(subject, given, { case: 'ended', reason: given.reason ?? 'NOT_FOUND' });
}

/** The change as the mapper would put it on the bus. */
export function encodeChange({ scope: integrationId, subject, version, content, ...given }: GivenChange): Uint8Array {
  return encodeGraphChange(
    create(graph.GraphChangeSchema, {
      integrationId,
      subject,
      subjectVersion: version,
      observedAt: timestampFromDate(given.observedAt),
      baseline: given.baseline,
      ...(given.explainedVersion === null ? {} : { explainedVersion: given.explainedVersion }),
      ...(given.cause
        ? {
            cause: {
              eventId: given.cause.eventId,
              eventName: given.cause.eventName,
              principalArn: given.cause.principalArn ?? '',
              ...(given.cause.receivedAt === undefined
                ? {}
                : { receivedAt: timestampFromDate(new Date(given.cause.receivedAt)) }),
            },
          }
        : {}),
      ...(given.foundBy
        ? {
            foundBy: {
              id: BigInt(given.foundBy.id),
              kind: given.foundBy.kind,
              ...(given.foundBy.startedAt === undefined
                ? {}
                : { startedAt: timestampFromDate(new Date(given.foundBy.startedAt)) }),
            },
          }
        : {}),
      change:
        content.case === 'ended'
          ? { case: 'ended', value: { reason: observation.EndReason[content.reason as keyof typeof observation.EndReason] } }
          : {
              case: 'present',
              value: {
                ...(content.entity ? { entity: { ...content.entity, accountId: content.entity.accountId ?? '' } } : {}),
                relationships: sortedByKey(content.relationships),
              },
            },
    }),
  );
}

/** A record as the bus hands it out. */
export function recordOf(value: Uint8Array | null, offset: number, timestamp = 1_790_000_000_000): IncomingRecord {
  return { offset: BigInt(offset), key: scope, value: value && Buffer.from(value), headers: {}, timestamp };
}
