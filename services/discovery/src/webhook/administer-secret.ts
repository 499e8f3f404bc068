import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { Refused } from '../integrations/refused.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { transact } from '../integrations/transact.js';
import { deleteSecret, replaceSecret } from './sql/webhook-secrets.js';

/** 256 random bits. The prefix lets scanners of secrets, and people, see what it is. */
const newSecret = (): string => `orgtrail-webhook-${randomBytes(32).toString('base64url')}`;

/** Enough for a secret of 256 random bits: there is nothing to guess. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/**
 * Gives the integration a new secret, which is returned and never shown again. The former one stays valid during the overlap; with none
 * it ends now, and so does one whose overlap lasts.
 */
export async function rotateWebhookSecret(
  pool: pg.Pool,
  id: string,
  { overlapHours }: { overlapHours: number },
): Promise<{ secret: string; previousValidUntil?: Date }> {
  const secret = newSecret();
  return transact(pool, async (client) => {
    const stored = await selectIntegration(client, id, { lock: true });
    if (!stored || stored.state === 'removed') throw new Refused('not-found', `There is no integration ${id}.`, 'NO_INTEGRATION');
    const until = stored.webhook?.previousValidUntil;
    if (until && until > new Date() && overlapHours > 0) {
      // A second rotation would forget the secret that EventBridge still sends.
      throw new Refused(
        'conflict',
        `The secret is being rotated already: the former one is valid until ${until.toISOString()}. With an overlap of 0 hours (\`--overlap-hours 0\`; in the API \`overlapHours\`) both end now, and EventBridge is refused until it has the new one.`,
        'OVERLAP_LASTS',
      );
    }
    const previousUntil = stored.webhook && overlapHours > 0 ? new Date(Date.now() + overlapHours * 3600 * 1000) : undefined;
    await replaceSecret(client, id, { hash: hashOf(secret), previousUntil });
    return { secret, ...(previousUntil ? { previousValidUntil: previousUntil } : {}) };
  });
}

/** Nobody can post events of the integration from now on. */
export async function removeWebhookSecret(pool: pg.Pool, id: string): Promise<void> {
  await deleteSecret(pool, id);
}
