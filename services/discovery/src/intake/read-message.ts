import { parseEventTime } from '../events/event-cause.js';
import type { Interpretation, NoOpReason } from '../events/hint.js';
import { interpret } from '../events/registry.js';
import type { Integration } from '../integrations/integration.js';
import type { StoredCause } from '../observed/sql/store-subjects.js';
import { parseQueueMessage, type ReceivedRecord } from './envelope.js';

/** A message of a stranger: a queue's, or a webhook's. */
export interface IncomingMessage {
  /** For the quarantine; unique per message. */
  id: string;
  body: string;
  /** When the queue took it. */
  sentAt?: Date;
}

/** What is known of the taking in itself. */
export interface Arrival {
  receivedAt: Date;
  /** The trace that begins with it, if anybody traces. */
  traceparent?: string | undefined;
}

/** What one record of a message says (a message may carry several). */
export type ReadRecord =
  | {
      kind: 'event';
      eventName: string;
      interpretation: Exclude<Interpretation, { kind: 'no-op' }>;
      cause: StoredCause;
      happenedAt?: Date;
    }
  | { kind: 'no-op'; eventName: string; reason: NoOpReason; happenedAt?: Date }
  | { kind: 'refused'; eventName: string; reason: string; detail: string };

/** Reads a message without remembering anything. Pure, never throws. */
export function readMessage(integration: Integration, message: IncomingMessage, arrival: Arrival): ReadRecord[] {
  const parsed = parseQueueMessage(message.body);
  if (parsed.kind === 'refused') return [refused(parsed.reason, parsed.detail)];
  const records = parsed.records.map((received) => readRecord(integration, received, { ...arrival, sentAt: message.sentAt }));
  if (parsed.unreadable === 0) return records;
  return [
    ...records,
    refused('not-an-event', `${parsed.unreadable} members of the message are no events; the others were taken in.`),
  ];
}

function readRecord(
  integration: Integration,
  { account, record, envelopeTime }: ReceivedRecord,
  arrival: Arrival & { sentAt: Date | undefined },
): ReadRecord {
  const { eventName } = record;
  if (!mayCount(integration, account)) {
    return refused(
      'foreign-account',
      `The event comes from account ${account ?? '(none named)'}, which is neither the management account nor a forwarding account of this integration.`,
      eventName,
    );
  }
  // A queue's own time is in milliseconds, and after what AWS did before it; the envelope's is in whole seconds.
  const sentAt = arrival.sentAt ?? envelopeTime;
  // By its own word: whatever brought it again has a time of its own.
  const happenedAt = parseEventTime(record.eventTime) ?? sentAt;
  const happened = happenedAt ? { happenedAt } : {};
  const interpretation = interpret(record, { managementAccountId: integration.managementAccountId });
  if (interpretation.kind === 'no-op') return { kind: 'no-op', eventName, reason: interpretation.reason, ...happened };
  const { eventTime, ...who } = interpretation.cause;
  const cause: StoredCause = {
    ...who,
    ...(eventTime ? { eventTime: eventTime.toISOString() } : {}),
    ...(sentAt ? { sentAt: sentAt.toISOString() } : {}),
    receivedAt: arrival.receivedAt.toISOString(),
    ...(arrival.traceparent === undefined ? {} : { traceparent: arrival.traceparent }),
  };
  return { kind: 'event', eventName, interpretation, cause, ...happened };
}

/** Only envelopes of the management account and of listed forwarding accounts count; accounts named inside them may be new. */
function mayCount(integration: Integration, account: string | undefined): boolean {
  return account !== undefined && [integration.managementAccountId, ...integration.forwardingAccountIds].includes(account);
}

function refused(reason: string, detail: string, eventName = ''): ReadRecord {
  return { kind: 'refused', eventName, reason, detail };
}
