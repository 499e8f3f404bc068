import type { Queryable } from '@orgtrail/database';

/** The first part of a refused message is enough to see what it was. */
const keptCharacters = 65_536;

export interface QuarantinedMessage {
  id: string;
  body: string;
  reason: string;
  detail: string;
}

/** Keeps refused messages with their reasons, of each message the first. A redelivery of the same message changes nothing. */
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
      sorted.map(({ body }) => body.slice(0, keptCharacters).replaceAll('\u0000', '\uFFFD')),
    ],
  );
}
