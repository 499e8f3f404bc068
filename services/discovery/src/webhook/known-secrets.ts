import { timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import { recognised, type Integration } from '../integrations/integration.js';
import { selectIntegrations } from '../integrations/sql/select-integrations.js';
import { hashOf } from './administer-secret.js';
import { selectSecretHashes, type SecretHashes } from './sql/webhook-secrets.js';

export type Sender =
  | { kind: 'known'; integration: Integration }
  /** A wrong secret, or no such integration: nobody is told which. */
  | { kind: 'unknown' }
  /** Nothing was loaded yet, or AWS has not said whose integration it is. */
  | { kind: 'not-yet' };

export interface KnownSecrets {
  /** Loads what the database has now: another replica may have changed it. */
  load(): Promise<void>;
  sender(integrationId: string, secret: string): Sender;
}

/** Nobody has this hash's secret: what is compared where there is nothing to compare with. */
const nobodys = hashOf('');

/** Whose secret it is, from memory: a post is answered in time also while the database is slow. */
export function createKnownSecrets(pool: pg.Pool): KnownSecrets {
  let hashes: ReadonlyMap<string, SecretHashes> | undefined;
  let integrations: ReadonlyMap<string, Integration> = new Map();
  return {
    load: async () => {
      const loaded = await selectSecretHashes(pool);
      const stored = loaded.size === 0 ? [] : await selectIntegrations(pool);
      integrations = new Map(stored.flatMap((one) => recognised(one) ?? []).map((one) => [one.id, one]));
      hashes = loaded;
    },
    sender: (integrationId, secret) => {
      if (!hashes) return { kind: 'not-yet' };
      if (!isSecretOf(hashes.get(integrationId), secret)) return { kind: 'unknown' };
      const integration = integrations.get(integrationId);
      return integration ? { kind: 'known', integration } : { kind: 'not-yet' };
    },
  };
}

/** In a time that depends neither on how much of the secret is right, nor on whether there is one to compare with. */
function isSecretOf(known: SecretHashes | undefined, secret: string): boolean {
  const given = hashOf(secret);
  const isCurrent = timingSafeEqual(known?.current ?? nobodys, given);
  const isPrevious = timingSafeEqual(known?.previous?.hash ?? nobodys, given);
  if (secret === '' || !known) return false;
  return isCurrent || (isPrevious && known.previous !== undefined && known.previous.validUntil > new Date());
}
