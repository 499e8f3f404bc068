import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { wholeRelationship } from '@orgtrail/graph-model';
import type { OutgoingRecord } from '@orgtrail/messaging';
import { cloudEventHeaders, graph } from '@orgtrail/proto';
import type { StoredCause, StoredState, StoredSync } from '../change.js';
import type { HistoryRow } from './sql/read-history.js';

/** A row of the history as a record of the feed. Pure. */
export function feedRecord(row: HistoryRow): OutgoingRecord {
  const change = create(graph.FeedChangeSchema, {
    integrationId: row.scope,
    key: row.key,
    version: row.version,
    subject: row.subject,
    type: row.type,
    kind: row.kind,
    writtenAt: timestampFromDate(row.writtenAt),
    ...(row.observedAt ? { observedAt: timestampFromDate(row.observedAt) } : {}),
    ...(row.cause ? { cause: causeOf(row.cause) } : {}),
    ...(row.foundBy ? { foundBy: syncOf(row.foundBy) } : {}),
    explainedVersion: row.explainedVersion ?? 0n,
    ...(row.state ? { state: stateOf(row.key, row.state) } : {}),
  });
  return {
    key: row.scope,
    value: toBinary(graph.FeedChangeSchema, change),
    headers: cloudEventHeaders({
      id: `${row.scope}/${row.key}/${row.version.toString()}`,
      source: '/orgtrail/graph-writer',
      type: 'orgtrail.graph-feed.v1',
      time: row.writtenAt,
      subject: row.subject,
    }),
  };
}

function causeOf({ eventTime, receivedAt, ...cause }: StoredCause) {
  return {
    eventId: cause.eventId,
    eventName: cause.eventName,
    principalArn: cause.principalArn ?? '',
    invokedBy: cause.invokedBy ?? '',
    ...(eventTime === undefined ? {} : { eventTime: timestampFromDate(new Date(eventTime)) }),
    ...(receivedAt === undefined ? {} : { receivedAt: timestampFromDate(new Date(receivedAt)) }),
  };
}

function syncOf({ id, kind, startedAt }: StoredSync) {
  return { id: BigInt(id), kind, ...(startedAt === undefined ? {} : { startedAt: timestampFromDate(new Date(startedAt)) }) };
}

function stateOf(key: string, { type, classes, displayName, accountId, properties, relationships }: StoredState) {
  return {
    ...(properties === undefined
      ? {}
      : {
          entity: {
            key,
            type: type ?? '',
            classes: classes ?? [],
            displayName: displayName ?? '',
            accountId: accountId ?? '',
            properties,
          },
        }),
    relationships: relationships.map(wholeRelationship),
  };
}
