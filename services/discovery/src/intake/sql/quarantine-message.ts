import type { Queryable } from '@orgtrail/database';

/** The first part of a refused message is enough to see what it was. */
const keptCharacters = 65_536;

/** Keeps a refused message with its reason. A redelivery of the same message changes nothing. */
export async function quarantineMessage(
  database: Queryable,
  integrationId: string,
  message: { id: string; body: string; reason: string; detail: string },
): Promise<void> {
  await database.query(
    `INSERT INTO discovery.quarantined_messages (integration_id, message_id, reason, detail, body)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    // Postgres text cannot hold NUL.
    [
      integrationId,
      message.id,
      message.reason,
      message.detail,
      message.body.slice(0, keptCharacters).replaceAll('\u0000', '\uFFFD'),
    ],
  );
}
