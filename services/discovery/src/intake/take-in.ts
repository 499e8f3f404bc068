import { inTransaction, isPoison } from '@orgtrail/database';
import type pg from 'pg';
import type { Hint, Interpretation, NoOpReason } from '../events/hint.js';
import { interpret } from '../events/registry.js';
import type { Integration } from '../integrations/integration.js';
import type { StoredCause } from '../observed/sql/store-subjects.js';
import { explainFoundChanges } from '../proof/sql/settle-found-changes.js';
import { forgiveAnnouncedEndings } from '../refresh/sql/endings.js';
import { askRefresh, type Asking } from '../refresh/sql/ask-refresh.js';
import { askFullSync } from '../refresh/sql/full-sync-asks.js';
import { parseQueueMessage } from './envelope.js';
import { joinCorrelated, noteEvent } from './sql/note-event.js';
import { quarantineMessage } from './sql/quarantine-message.js';

/** A message of a stranger: a queue's, or a webhook's. */
export interface IncomingMessage {
  /** For the quarantine; unique per message. */
  id: string;
  body: string;
  /** When the queue took it. */
  sentAt?: Date;
}

export type Outcome = 'hints' | 'full-sync' | 'repeated' | 'refused' | NoOpReason;

/** What became of one record (a message may carry several), for counting. */
export interface TakenIn {
  outcome: Outcome;
  eventName: string;
  /** For refusals. */
  reason?: string;
}

/**
 * Turns one message into durable refresh requests, in one transaction; the caller deletes the message after this resolved
 * (invariant 6). Bad input never rejects: it is quarantined with its reason and counted.
 */
export async function takeIn(pool: pg.Pool, integration: Integration, message: IncomingMessage): Promise<TakenIn[]> {
  try {
    return await takeInWhole(pool, integration, message);
  } catch (error) {
    // Poison is a failure of the message alone: it moves on, into the quarantine (invariant 7). Everything else is tried again.
    if (!isPoison(error)) throw error;
    await quarantineMessage(pool, integration.id, {
      ...message,
      reason: 'unstorable',
      detail: 'The message has content that the database cannot hold.',
    });
    return [{ outcome: 'refused', eventName: '', reason: 'unstorable' }];
  }
}

async function takeInWhole(pool: pg.Pool, integration: Integration, message: IncomingMessage): Promise<TakenIn[]> {
  const parsed = parseQueueMessage(message.body);
  return inTransaction(pool, async (client) => {
    const refuse = async (reason: string, detail: string, eventName = ''): Promise<TakenIn> => {
      await quarantineMessage(client, integration.id, { ...message, reason, detail });
      return { outcome: 'refused', eventName, reason };
    };
    if (parsed.kind === 'refused') return [await refuse(parsed.reason, parsed.detail)];

    const taken: TakenIn[] = [];
    for (const { account, record } of parsed.records) {
      const { eventName } = record;
      if (!mayCount(integration, account)) {
        taken.push(
          await refuse(
            'foreign-account',
            `The event comes from account ${account ?? '(none named)'}, which is neither the management account nor a forwarding account of this integration.`,
            eventName,
          ),
        );
        continue;
      }
      const interpretation = interpret(record, { managementAccountId: integration.managementAccountId });
      taken.push({ outcome: await remember(client, integration, interpretation, message.sentAt), eventName });
    }
    if (parsed.unreadable > 0) {
      taken.push(
        await refuse('not-an-event', `${parsed.unreadable} members of the message are no events; the others were taken in.`),
      );
    }
    return taken;
  });
}

/** Only envelopes of the management account and of listed forwarding accounts count; accounts named inside them may be new. */
function mayCount(integration: Integration, account: string | undefined): boolean {
  return account !== undefined && [integration.managementAccountId, ...integration.forwardingAccountIds].includes(account);
}

async function remember(
  client: pg.PoolClient,
  integration: Integration,
  interpretation: Interpretation,
  sentAt: Date | undefined,
): Promise<Outcome> {
  if (interpretation.kind === 'no-op') return interpretation.reason;
  const { eventTime, ...who } = interpretation.cause;
  const cause: StoredCause = {
    ...who,
    ...(eventTime ? { eventTime: eventTime.toISOString() } : {}),
    receivedAt: (sentAt ?? new Date()).toISOString(),
  };
  const subjects = interpretation.hints.map(({ subject }) => subject);
  // De-duplication by event id is economy only: a repeated event would ask for one more read.
  const { correlation } = interpretation;
  if (!(await noteEvent(client, integration.id, { eventId: cause.eventId, subjects, cause, correlation }))) return 'repeated';
  const tied =
    correlation === undefined ? [] : await joinCorrelated(client, integration.id, { eventId: cause.eventId, correlation });
  await explainFoundChanges(client, integration.id, subjects);
  await askRefresh(
    client,
    integration.id,
    interpretation.hints.flatMap((hint) => [...tied, cause].map((one) => asking(hint, one))),
  );
  await forgiveAnnouncedEndings(
    client,
    integration.id,
    interpretation.hints.flatMap(({ subject, announcesDeparture }) => (announcesDeparture ? [subject] : [])),
  );
  if (interpretation.kind === 'full-sync') {
    await askFullSync(client, integration.id, `${cause.eventName}: ${interpretation.fullSync.reason}`);
    return 'full-sync';
  }
  return 'hints';
}

function asking({ subject, parts, announcesDeparture }: Hint, cause: StoredCause): Asking {
  return { subject, parts, reason: 'event', cause, ...(announcesDeparture ? { departureAnnounced: true } : {}) };
}
