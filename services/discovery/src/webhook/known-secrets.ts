import { timingSafeEqual } from 'node:crypto';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { atMostEvery } from '../at-most-every.js';
import { recognised, type Integration } from '../integrations/integration.js';
import { selectReadableIntegrations } from '../integrations/sql/select-integrations.js';
import { unreadableTeller } from '../integrations/tell-unreadable.js';
import { hashOf } from './administer-secret.js';
import { selectSecretHashes, type SecretHashes } from './sql/webhook-secrets.js';

export type Sender =
  | { kind: 'known'; integration: Integration }
  /** A wrong secret, or no such integration: nobody is told which. */
  | { kind: 'unknown' }
  /** AWS has not said whose organization it is: whose events are its own is not known. */
  | { kind: 'not-connected' }
  /** Nothing was loaded lately, or its integration is not understood here. */
  | { kind: 'not-yet' };

export interface KnownSecrets {
  /** Loads what the database has now: another replica may have changed it. */
  load(): Promise<void>;
  sender(integrationId: string, secret: string): Sender;
}

/** Nobody has this hash's secret: what is compared where there is nothing to compare with. */
const nobodys = hashOf('');

/** What was loaded longer ago may have been revoked since. */
const holdsMs = 10_000;

/** Whose secret it is, from memory: a post is answered in time also while the database is slow. */
export function createKnownSecrets({
  pool,
  logger,
  now = () => performance.now(),
}: {
  pool: pg.Pool;
  logger: Logger;
  /** Milliseconds, monotonic. */
  now?: () => number;
}): KnownSecrets {
  let hashes: { byIntegration: ReadonlyMap<string, SecretHashes>; loadedAt: number } | undefined;
  /** Undefined: not recognised by AWS yet. */
  let integrations: ReadonlyMap<string, Integration | undefined> = new Map();
  const tellNotConnected = atMostEvery(600_000, now);
  const tellUnreadable = unreadableTeller(logger, 'The settings of an integration are not understood: its posts are not taken');
  return {
    load: async () => {
      // By the time before asking: a secret may be revoked while the answer is on its way.
      const loadedAt = now();
      const byIntegration = await selectSecretHashes(pool);
      // Before anything else is read: what was revoked is void, whatever else fails.
      hashes = { byIntegration, loadedAt };
      const { readable, unreadable } =
        byIntegration.size === 0 ? { readable: [], unreadable: [] } : await selectReadableIntegrations(pool);
      integrations = new Map(readable.map((one) => [one.id, recognised(one)]));
      tellUnreadable(unreadable);
    },
    sender: (integrationId, secret) => {
      if (!hashes || now() - hashes.loadedAt > holdsMs) return { kind: 'not-yet' };
      if (!isSecretOf(hashes.byIntegration.get(integrationId), secret)) return { kind: 'unknown' };
      const integration = integrations.get(integrationId);
      if (integration) return { kind: 'known', integration };
      if (!integrations.has(integrationId)) return { kind: 'not-yet' };
      tellNotConnected(() =>
        logger.warn(
          { integrationId },
          'Events are posted of an integration that was never connected: they are not taken until it is',
        ),
      );
      return { kind: 'not-connected' };
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
