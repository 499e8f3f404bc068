import type { Queryable } from '@orgtrail/database';

/** The first part of a refused message is enough to see what it was. */
const keptBytes = 65_536;
/** Of an integration, the newest: 64 MiB at most, whatever strangers send. */
const keptMessages = 1024;

export interface QuarantinedMessage {
  id: string;
  body: string;
  reason: string;
  detail: string;
}

/** Keeps refused messages with their reasons, of each message the first; the oldest go. A redelivery of the same message changes nothing. */
export async function quarantineMessages(
  database: Queryable,
  integrationId: string,
  messages: readonly QuarantinedMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  const firsts = new Map(messages.toReversed().map((message) => [message.id, message]));
  const sorted = [...firsts.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
  await database.query(
    `INSERT INTO discovery.quarantined_messages (integration_id, message_id, reason, detail, body)
     SELECT $1, refused.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS refused ON CONFLICT DO NOTHING`,
    [
      integrationId,
      sorted.map(({ id }) => id),
      sorted.map(({ reason }) => reason),
      sorted.map(({ detail }) => detail),
      // Postgres text cannot hold NUL.
      sorted.map(({ body }) => beginningOf(body.replaceAll('\u0000', '\uFFFD'))),
    ],
  );
  // Others take in at the same time, and remove the same.
  await database.query(
    `DELETE FROM discovery.quarantined_messages WHERE id IN (
       SELECT id FROM discovery.quarantined_messages
        WHERE integration_id = $1
          AND id <= (SELECT id FROM discovery.quarantined_messages WHERE integration_id = $1
                      ORDER BY id DESC OFFSET ${keptMessages} LIMIT 1)
          FOR UPDATE SKIP LOCKED)`,
    [integrationId],
  );
}

function beginningOf(body: string): string {
  // No character has fewer bytes than one.
  const beginning = body.slice(0, keptBytes);
  const bytes = Buffer.from(beginning);
  return bytes.length <= keptBytes ? beginning : new TextDecoder().decode(bytes.subarray(0, keptBytes), { stream: true });
}
