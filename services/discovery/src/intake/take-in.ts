import { inTransaction, isPoison, retryTransient } from '@orgtrail/database';
import { activeTraceparent, inSpan } from '@orgtrail/messaging';
import type pg from 'pg';
import type { NoOpReason } from '../events/hint.js';
import type { Integration } from '../integrations/integration.js';
import type { StoredCause } from '../observed/sql/store-subjects.js';
import { explainFoundChanges } from '../proof/sql/settle-found-changes.js';
import { forgiveAnnouncedEndings } from '../refresh/sql/endings.js';
import { askRefresh } from '../refresh/sql/ask-refresh.js';
import { askFullSync } from '../refresh/sql/sync-asks.js';
import { readMessage, type IncomingMessage, type ReadRecord } from './read-message.js';
import { joinCorrelated, noteEvents, type TiedEvent } from './sql/note-events.js';
import { quarantineMessages, type QuarantinedMessage } from './sql/quarantine-messages.js';

export type Outcome = 'hints' | 'full-sync' | 'repeated' | 'refused' | NoOpReason;

/** What became of one record (a message may carry several), for counting. */
export interface TakenIn {
  outcome: Outcome;
  eventName: string;
  /** For refusals. */
  reason?: string;
  /** Of an event that nobody had taken in before: when it came where. */
  times?: Pick<StoredCause, 'eventTime' | 'sentAt' | 'receivedAt'>;
  /** By its own word, else when it was sent. Of what is refused nobody asks. */
  happenedAt?: Date;
}

/**
 * Turns messages into durable refresh requests, all in one transaction; the caller deletes or answers them after this resolved
 * (invariant 6). Bad input never rejects: it is quarantined with its reason and counted, and never keeps its neighbours out. Returns
 * what became of each message's records, in the order of the messages.
 */
export async function takeIn(
  pool: pg.Pool,
  integration: Integration,
  messages: readonly IncomingMessage[],
): Promise<TakenIn[][]> {
  if (messages.length === 0) return [];
  const attributes = { 'messaging.batch.message_count': messages.length, 'orgtrail.integration.id': integration.id };
  return inSpan({ name: 'take in events', attributes }, () => takeInOrQuarantine(pool, integration, messages));
}

async function takeInOrQuarantine(
  pool: pg.Pool,
  integration: Integration,
  messages: readonly IncomingMessage[],
): Promise<TakenIn[][]> {
  try {
    return await takeInTogether(pool, integration, messages);
  } catch (error) {
    // Poison is a failure of one message alone: it moves on, into the quarantine (invariant 7). Everything else is tried again.
    if (!isPoison(error)) throw error;
    const [only] = messages;
    if (messages.length === 1 && only) return [await quarantinePoison(pool, integration, only)];
    const taken: TakenIn[][] = [];
    for (const message of messages) taken.push(...(await takeInOrQuarantine(pool, integration, [message])));
    return taken;
  }
}

async function quarantinePoison(pool: pg.Pool, integration: Integration, { id, body }: IncomingMessage): Promise<TakenIn[]> {
  const detail = 'The message has content that the database cannot hold.';
  await quarantineMessages(pool, integration.id, [{ id, body, reason: 'unstorable', detail }]);
  return [{ outcome: 'refused', eventName: '', reason: 'unstorable' }];
}

type ReadEvent = Extract<ReadRecord, { kind: 'event' }>;

/** Others take in the same events at the same time: rows are locked in the order of their keys, and what collides nevertheless is repeated. */
function takeInTogether(pool: pg.Pool, integration: Integration, messages: readonly IncomingMessage[]): Promise<TakenIn[][]> {
  const arrival = { receivedAt: new Date(), traceparent: activeTraceparent() };
  const read = messages.map((message) => ({ message, records: readMessage(integration, message, arrival) }));
  const events = read.flatMap(({ records }) => records.filter((record) => record.kind === 'event'));
  const refused = read.flatMap(({ message, records }) =>
    records.flatMap((record): QuarantinedMessage[] =>
      record.kind === 'refused' ? [{ id: message.id, body: message.body, reason: record.reason, detail: record.detail }] : [],
    ),
  );
  return retryTransient(
    () =>
      inTransaction(pool, async (client) => {
        await quarantineMessages(client, integration.id, refused);
        const fresh = await rememberEvents(client, integration.id, events);
        return read.map(({ records }) => records.map((record) => takenIn(record, fresh)));
      }),
    { attempts: 3 },
  );
}

/** Returns those that nobody had noted before. De-duplication by event id is economy only: a repeated event would ask for one more read. */
async function rememberEvents(
  client: pg.PoolClient,
  integrationId: string,
  events: readonly ReadEvent[],
): Promise<ReadonlySet<ReadEvent>> {
  const firsts = new Map<string, ReadEvent>();
  for (const event of events) if (!firsts.has(event.cause.eventId)) firsts.set(event.cause.eventId, event);
  const noted = await noteEvents(
    client,
    integrationId,
    [...firsts.values()].map(({ interpretation: { hints, correlation }, cause }) => ({
      eventId: cause.eventId,
      subjects: hints.map(({ subject }) => subject),
      cause,
      correlation,
    })),
  );
  const fresh = [...firsts.values()].filter(({ cause }) => noted.has(cause.eventId));
  if (fresh.length === 0) return new Set();
  const tied = await joinCorrelated(
    client,
    integrationId,
    fresh.flatMap(({ interpretation: { correlation } }) => correlation ?? []),
  );
  const hints = fresh.flatMap((event) => event.interpretation.hints.map((hint) => ({ hint, causes: causesOf(event, tied) })));
  // In the order of locks (lock-integration.ts): a sync merges at the same time.
  const everywhere = fresh.findLast(({ interpretation }) => interpretation.kind === 'full-sync');
  if (everywhere) {
    await askFullSync(client, integrationId, `${everywhere.eventName}: ${everywhere.interpretation.fullSync?.reason ?? ''}`);
  }
  await forgiveAnnouncedEndings(
    client,
    integrationId,
    hints.flatMap(({ hint: { subject, announcesDeparture } }) => (announcesDeparture ? [subject] : [])),
  );
  await explainFoundChanges(
    client,
    integrationId,
    hints.map(({ hint, causes }) => ({ subject: hint.subject, causes })),
  );
  await askRefresh(
    client,
    integrationId,
    hints.flatMap(({ hint: { subject, parts, announcesDeparture }, causes }) =>
      causes.map((cause) => ({
        subject,
        parts,
        reason: 'event' as const,
        cause,
        ...(announcesDeparture ? { departureAnnounced: true } : {}),
      })),
    ),
  );
  return new Set(fresh);
}

/** Of the events that AWS ties to this one, then its own. */
function causesOf({ interpretation: { correlation }, cause }: ReadEvent, tied: readonly TiedEvent[]) {
  const others = tied.filter((other) => other.correlation === correlation && other.cause.eventId !== cause.eventId);
  return [...others.map((other) => other.cause), cause];
}

function takenIn(record: ReadRecord, fresh: ReadonlySet<ReadEvent>): TakenIn {
  const { eventName } = record;
  switch (record.kind) {
    case 'refused':
      return { outcome: 'refused', eventName, reason: record.reason };
    case 'no-op':
      return { outcome: record.reason, eventName, ...happened(record) };
    case 'event':
      return fresh.has(record)
        ? { outcome: record.interpretation.kind, eventName, times: record.cause, ...happened(record) }
        : { outcome: 'repeated', eventName };
    default:
      return record satisfies never;
  }
}

function happened({ happenedAt }: { happenedAt?: Date }): { happenedAt?: Date } {
  return happenedAt ? { happenedAt } : {};
}
