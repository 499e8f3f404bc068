import type { Queryable } from '@orgtrail/database';

export interface SecretHashes {
  current: Buffer;
  previous?: { hash: Buffer; validUntil: Date };
}

/** The hashes of all integrations that have a secret, by integration. */
export async function selectSecretHashes(database: Queryable): Promise<ReadonlyMap<string, SecretHashes>> {
  const { rows } = await database.query<{
    id: string;
    webhook_secret_sha256: Buffer;
    previous_webhook_secret_sha256: Buffer | null;
    previous_webhook_secret_until: Date | null;
  }>(
    `SELECT id, webhook_secret_sha256, previous_webhook_secret_sha256, previous_webhook_secret_until
       FROM discovery.integrations WHERE state <> 'removed' AND webhook_secret_sha256 IS NOT NULL`,
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        current: row.webhook_secret_sha256,
        ...(row.previous_webhook_secret_sha256 && row.previous_webhook_secret_until
          ? { previous: { hash: row.previous_webhook_secret_sha256, validUntil: row.previous_webhook_secret_until } }
          : {}),
      },
    ]),
  );
}

/** Gives the integration a secret; the one that it had stays valid until then, or not at all. */
export async function replaceSecret(
  database: Queryable,
  integrationId: string,
  { hash, previousUntil }: { hash: Buffer; previousUntil: Date | undefined },
): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations
        SET previous_webhook_secret_sha256 = CASE WHEN $3::timestamptz IS NOT NULL THEN webhook_secret_sha256 END,
            previous_webhook_secret_until = CASE WHEN webhook_secret_sha256 IS NOT NULL THEN $3::timestamptz END,
            webhook_secret_sha256 = $2, webhook_secret_since = clock_timestamp()
      WHERE id = $1`,
    [integrationId, hash, previousUntil ?? null],
  );
}

export async function deleteSecret(database: Queryable, integrationId: string): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations
        SET webhook_secret_sha256 = NULL, webhook_secret_since = NULL,
            previous_webhook_secret_sha256 = NULL, previous_webhook_secret_until = NULL
      WHERE id = $1`,
    [integrationId],
  );
}
